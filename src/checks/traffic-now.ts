/**
 * Who is at work on the tables at this moment? Before an approval traffic is there and has every right to be: this item
 * never fails because of it. It names who the drain will have to wait for, so that the person who approves knows; the
 * drain window then proves the quiet (quiet.ts).
 */
import { type Clock, systemClock } from '../postgres/clock.ts';
import { describeRunningDump, runningDumps } from './backups/running-dumps.ts';
import type { Check } from './context.ts';
import { count, fact, passed } from './outcome.ts';
import { writesSeen } from './prove-quiet.ts';
import { hiddenFact, quietScope } from './quiet.ts';
import { describeOffender, sampleQuiet } from './quiet-sample.ts';
import { withSession } from './session.ts';

/** Between the two looks at the write counters, which tell of writers who hold no lock at the moment of a look. */
const BETWEEN_LOOKS_MS = 1_000;

export const checkTrafficNow: Check<'quiet'> = async (context) => {
  const scope = await quietScope(context);
  const clock: Clock = context.clock ?? systemClock;
  return withSession(context, 'traffic', async ({ client }) => {
    const first = await sampleQuiet(client, scope);
    await clock.pause(BETWEEN_LOOKS_MS, context.signal);
    const second = await sampleQuiet(client, scope);
    const sessions = second.offenders.map(describeOffender);
    const written = await writesSeen(client, { previous: first, sample: second, sinceMs: BETWEEN_LOOKS_MS });
    const dumps = (await runningDumps(client)).map(describeRunningDump);
    const evidence = [
      fact('tables', [...second.writes.keys()].sort().join(', ') || 'none there yet'),
      fact('at work on them', sessions.join('\n') || 'nobody'),
      fact('written within a second', written.join('\n') || 'nothing'),
      ...(dumps.length > 0 ? [fact('dumps of ours, no traffic', dumps.join('\n'))] : []),
      ...hiddenFact(second),
    ];
    return passed(context, summaryOf(sessions, written), evidence);
  });
};

function summaryOf(sessions: readonly string[], written: readonly string[]): string {
  if (sessions.length > 0) return `${count(sessions.length, 'session')} at work: the drain has to wait for them`;
  return written.length > 0 ? 'rows are being written: the drain has to wait for that' : 'nobody is at work';
}
