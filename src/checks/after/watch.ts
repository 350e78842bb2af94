/**
 * Watches a database for a while once its traffic is back: errors, lock waits, failed cached plans, replicas. It changes nothing
 * and undoes nothing; what it saw is for a person.
 */
import { readLedger } from '../../migrator/ledger.ts';
import type { AfterRelease } from '../../model/after-release.ts';
import { formatDuration } from '../../model/duration.ts';
import type { CheckOutcome } from '../../model/outcome.ts';
import { isProblemError } from '../../model/problem.ts';
import { type Clock, systemClock } from '../../postgres/clock.ts';
import { connect, type Session } from '../../postgres/connect.ts';
import { classifyError } from '../../postgres/sqlstate.ts';
import type { CheckContext } from '../context.ts';
import { quietScope } from '../quiet.ts';
import type { QuietScope } from '../quiet-sample.ts';
import { lagProblem } from '../replica/lag-words.ts';
import { measureLag } from '../replica/measure-lag.ts';
import { readCounters } from './database-counters.ts';
import { describeLockWait, readLockWaits } from './lock-waits.ts';
import { added, readOn } from './server-log.ts';
import { abortedSessions, sessionsOlderThan } from './sessions-after.ts';
import { startTally, type Tally, withAborted, withLag, withWaits } from './tally.ts';
import { watchOutcome } from './watch-outcome.ts';

const LOOK_EVERY_MS = 1_000;
/** A marker is written into the WAL for each. */
const LAG_EVERY_LOOKS = 5;

interface Watching {
  readonly context: CheckContext;
  readonly policy: AfterRelease;
  readonly scope: QuietScope;
  readonly clock: Clock;
  readonly lastChange: string;
}

/** `policy.forMs` long. A connection that is lost meanwhile is part of what was seen. Errors: that of the first connection, `interrupted`. */
export async function watchAfterRelease(context: CheckContext, policy: AfterRelease): Promise<CheckOutcome> {
  const clock = context.clock ?? systemClock;
  const scope = await quietScope(context);
  let session: Session | undefined = await open(context);
  try {
    const lastChange = await lastChangeOf(context, session);
    const watching: Watching = { context, policy, scope, clock, lastChange };
    let tally = await startTally(session.client, lastChange);
    const startedAt = clock.nowMs();
    for (;;) {
      try {
        session ??= await open(context);
        tally = await look(watching, session, tally);
      } catch (error) {
        if (!passesByItself(error)) throw error;
        await session?.close();
        session = undefined;
        tally = { ...tally, lost: tally.lost + 1 };
      }
      const leftMs = policy.forMs - (clock.nowMs() - startedAt);
      if (leftMs <= 0) return watchOutcome(context, policy, tally);
      context.onProgress?.(progressLine(tally, leftMs));
      await clock.pause(Math.min(LOOK_EVERY_MS, leftMs), context.signal);
    }
  } finally {
    await session?.close();
  }
}

function open({ url }: CheckContext): Promise<Session> {
  return connect({ url, applicationName: 'drydock:check:after-release', purpose: 'check' });
}

function passesByItself(error: unknown): boolean {
  if (isProblemError(error)) return error.problem.code !== 'interrupted' && error.problem.retry === 'retry';
  return classifyError(error).retry === 'retry';
}

/** Where no migration is applied any more, all that were there before this watch count as older. */
async function lastChangeOf({ runbook, now }: CheckContext, { client }: Session): Promise<string> {
  const { rows } = await readLedger(client, runbook.ledgerSchema);
  const ends = rows.flatMap(({ finishedAt }) => finishedAt ?? []);
  return ends.toSorted().at(-1) ?? (now?.() ?? new Date()).toISOString();
}

async function look(watching: Watching, { client }: Session, tally: Tally): Promise<Tally> {
  const { context, policy, scope, lastChange } = watching;
  const waits = await readLockWaits(client, scope, policy.lockWaitMs);
  const seen = withAborted(withWaits(tally, waits), await abortedSessions(client));
  const read = seen.log.kind === 'readable' ? await readOn(client, seen.log) : undefined;
  const isLagDue = context.target.replicas.expected > 0 && tally.looks % LAG_EVERY_LOOKS === 0;
  return {
    ...(isLagDue ? await withLagNow(watching, client, seen) : seen),
    ...(read ? { log: read.log, logCounts: added(seen.logCounts, read.counts) } : {}),
    looks: tally.looks + 1,
    now: await readCounters(client),
    olderAtEnd: await sessionsOlderThan(client, lastChange),
  };
}

async function withLagNow({ context, clock }: Watching, client: Session['client'], tally: Tally): Promise<Tally> {
  const { expected } = context.target.replicas;
  const maxLagMs = lagLimitMs(context);
  const sample = await measureLag(client, { expected, withinMs: maxLagMs, clock, signal: context.signal });
  const problem = lagProblem(sample, { expected, maxLagMs });
  return withLag(tally, sample.tookMs, problem && `${problem.message}: ${problem.found ?? ''}`);
}

const DEFAULT_LAG_MS = 5_000;

/** As the target's own watch says, else as the runbook's checklist does. */
export function lagLimitMs({ target, runbook }: Pick<CheckContext, 'target' | 'runbook'>): number {
  const [fromChecklist] = runbook.checklist.flatMap(({ spec }) => (spec.kind === 'replica-lag' ? spec.maxLagMs : []));
  return target.replicas.watch?.holdAboveMs ?? fromChecklist ?? DEFAULT_LAG_MS;
}

function progressLine({ waits }: Tally, leftMs: number): string {
  const [wait] = [...waits.values()].slice(-1);
  const left = `${formatDuration(leftMs)} of the watch left`;
  return wait ? `${left}; ${describeLockWait(wait)}` : left;
}
