/** What a watch makes of what it saw. Pure. */
import type { AfterRelease } from '../../model/after-release.ts';
import { describeBackend } from '../../model/backend.ts';
import { formatDuration } from '../../model/duration.ts';
import type { CheckOutcome, Evidence } from '../../model/outcome.ts';
import type { CheckContext } from '../context.ts';
import { count, fact, failed, passed } from '../outcome.ts';
import { cachedPlanEvidence } from './cached-plans.ts';
import { countedBetween, rollbackShare } from './database-counters.ts';
import { describeLockWait } from './lock-waits.ts';
import type { Tally } from './tally.ts';

/** Fewer are no sign; a larger share than before by this much is. */
const ROLLBACKS_AT_LEAST = 10;
const SHARE_MORE = 0.05;

const NAMED = 10;

export function watchOutcome(context: CheckContext, policy: AfterRelease, tally: Tally): CheckOutcome {
  const evidence = describe(context, policy, tally);
  const troubles = troublesOf(tally);
  const span = formatDuration(policy.forMs);
  if (troubles.length === 0) return passed(context, `no trouble within ${span} after traffic was back`, evidence);
  return failed(
    context,
    {
      code: 'trouble-after-release',
      message: `${troubles.map(({ what }) => what).join(', ')} within ${span} after traffic was back`,
      found: troubles.flatMap(({ lines }) => lines).join('\n'),
      expected: 'traffic as it was before',
      next: 'nothing was undone: look at what is named here, and roll back if it is the migrations',
    },
    evidence,
  );
}

interface Trouble {
  readonly what: string;
  readonly lines: readonly string[];
}

function troublesOf(tally: Tally): readonly Trouble[] {
  const { waits, aborted, logCounts, lag, lost } = tally;
  const { deadlocks, rollbacks } = countedBetween(tally.before, tally.now);
  const waited = [...waits.values()].slice(0, NAMED).map(describeLockWait);
  const sitting = [...aborted.values()].slice(0, NAMED).map(describeBackend);
  const all: readonly (readonly [amount: number, what: string, lines: readonly string[]])[] = [
    [waits.size, count(waits.size, 'long lock wait'), waited],
    [aborted.size, `${count(aborted.size, 'session')} in a failed transaction`, sitting],
    [logCounts.cachedPlans, count(logCounts.cachedPlans, '"cached plan" failure'), [STALE_PLANS]],
    [deadlocks, count(deadlocks, 'deadlock'), [`deadlocks in this database: ${deadlocks}`]],
    [hasMoreRollbacks(tally) ? rollbacks : 0, 'more rollbacks than before', [`rolled back: ${rollbackWords(tally)}`]],
    [lag.troubles.length, 'trouble with replicas', lag.troubles],
    [lost, 'no answer now and then', [`the database could not be asked: ${count(lost, 'time')}`]],
  ];
  return all.flatMap(([amount, what, lines]) => (amount > 0 ? [{ what, lines }] : []));
}

const STALE_PLANS = 'prepared statements of sessions from before fail until these sessions are closed';

function hasMoreRollbacks({ before, now }: Tally): boolean {
  const between = countedBetween(before, now);
  return between.rollbacks >= ROLLBACKS_AT_LEAST && rollbackShare(between) > rollbackShare(before) + SHARE_MORE;
}

function rollbackWords({ before, now }: Tally): string {
  const between = countedBetween(before, now);
  const all = count(between.commits + between.rollbacks, 'transaction');
  return `${between.rollbacks} of ${all} (${percent(rollbackShare(between))}), before: ${percent(rollbackShare(before))}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function describe(context: CheckContext, { forMs, lockWaitMs }: AfterRelease, tally: Tally): readonly Evidence[] {
  const between = countedBetween(tally.before, tally.now);
  const waits = [...tally.waits.values()].map(describeLockWait);
  const aborted = [...tally.aborted.values()].map(describeBackend);
  return [
    fact('watched', `${formatDuration(forMs)}, ${count(tally.looks, 'look')}`),
    fact('lock waits on the tables', listed(waits), `none longer than ${formatDuration(lockWaitMs)}`),
    fact('sessions in a failed transaction', listed(aborted), 'none'),
    fact('rolled back', rollbackWords(tally), 'at most 5 % of all more than before'),
    fact('deadlocks', between.deadlocks, '0'),
    fact('sessions lost', between.lostSessions),
    fact('cancelled because of recovery', between.conflicts),
    ...cachedPlanEvidence({ ...tally, counts: tally.logCounts }),
    ...lagEvidence(context, tally),
    ...(tally.lost > 0 ? [fact('could not be asked', count(tally.lost, 'time'), 'never')] : []),
  ];
}

function listed(lines: readonly string[]): string {
  const more = lines.length > NAMED ? [`and ${lines.length - NAMED} more`] : [];
  return [...lines.slice(0, NAMED), ...more].join('\n') || 'none';
}

function lagEvidence({ target }: CheckContext, { lag }: Tally): readonly Evidence[] {
  if (target.replicas.expected === 0) return [fact('replicas', 'none are expected')];
  const trouble = lag.troubles[0];
  const said = trouble ?? `all replayed what was written within ${formatDuration(lag.longestMs)} at the longest`;
  return [fact('replicas', `${said}; measured ${count(lag.measured, 'time')}`)];
}
