/**
 * Could this database be brought back to a moment just before the migration: is its WAL being archived, now? Where the role
 * may, a segment is closed and its arrival awaited, which also proves it on an idle server; else what the server counts
 * is judged, and the outcome says so. It does not prove that the archive can be restored.
 */
import { formatDuration } from '../model/duration.ts';
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import { type Clock, systemClock } from '../postgres/clock.ts';
import type { Session } from '../postgres/connect.ts';
import {
  type ArchiveQueue,
  type ArchiverState,
  archivedAgoMs,
  archiveQueue,
  forceSegment,
  hasArrived,
  hasGivenUp,
  isFailing,
  readArchiver,
} from './archiver-state.ts';
import type { Check, CheckContext } from './context.ts';
import { count, fact, failed, passed } from './outcome.ts';
import { withSession } from './session.ts';
import { ARRIVAL_TIMEOUT_MS, archivingOff, failing, noArchiver, notArrived, tooLongAgo } from './wal-problems.ts';

const LOOK_EVERY_MS = 100;

export const checkWalArchiving: Check<'wal-archiving'> = (context, { maxAgeMs }) =>
  withSession(context, 'wal-archiving', (session) => look(context, session, maxAgeMs));

async function look(context: CheckContext, session: Session, maxAgeMs: number): Promise<CheckOutcome> {
  const before = await readArchiver(session.client);
  const settings = [fact('archive_mode', before.mode, 'on')];
  if (before.mode === 'off') return failed(context, archivingOff(before), settings);
  if (before.hasArchiver === false) return failed(context, noArchiver(), settings);
  const segment = await forceSegment(session.client, checkPointName(context));
  const outcome =
    segment === null
      ? judgeByCounters(context, before, maxAgeMs, settings)
      : await judgeByArrival(context, session, { before, segment, settings });
  return { ...outcome, evidence: [...outcome.evidence, queueFact(await archiveQueue(session.client))] };
}

/** Named, not judged: on a busy server some segments always wait; whether they get through is what was looked at. */
function queueFact(queue: ArchiveQueue | null): Evidence {
  if (queue === null) return fact('waiting to be archived', 'not known: this role is no member of pg_monitor');
  const { segments, oldestForMs } = queue;
  const oldest = oldestForMs === null ? '' : `, the oldest for ${formatDuration(Math.max(0, oldestForMs))}`;
  return fact('waiting to be archived', `${count(segments, 'segment')}${oldest}`);
}

/** Of the restore points that a check writes only so that there is something to archive. */
export function checkPointName({ runbook, now }: CheckContext): string {
  return `drydock check ${runbook.name} ${(now?.() ?? new Date()).toISOString()}`.slice(0, 63);
}

interface Forced {
  readonly before: ArchiverState;
  readonly segment: string;
  readonly settings: readonly Evidence[];
}

async function judgeByArrival(context: CheckContext, session: Session, forced: Forced): Promise<CheckOutcome> {
  const clock = context.clock ?? systemClock;
  const startedAt = clock.nowMs();
  const state = await waitForArrival(context, session, forced, clock);
  const tookMs = clock.nowMs() - startedAt;
  const arrived = hasArrived(state, forced.segment);
  const waited = `${arrived ? 'archived' : 'not archived'} after ${formatDuration(tookMs)}`;
  const evidence = [
    ...forced.settings,
    fact('proof', 'a restore point was written and its segment closed'),
    fact(`segment ${forced.segment}`, waited, `archived within ${formatDuration(ARRIVAL_TIMEOUT_MS)}`),
    ...counters(state),
  ];
  if (!arrived) return failed(context, notArrived(forced.segment, state), evidence);
  return passed(context, `WAL is archived: a segment closed now arrived in ${formatDuration(tookMs)}`, evidence);
}

/** Ends at arrival, at the time limit, or as soon as the archiver has given up on it for now. */
async function waitForArrival(
  { signal, onProgress }: CheckContext,
  { client }: Session,
  { before, segment }: Forced,
  clock: Clock,
): Promise<ArchiverState> {
  const deadline = clock.nowMs() + ARRIVAL_TIMEOUT_MS;
  for (;;) {
    const state = await readArchiver(client);
    if (hasArrived(state, segment) || hasGivenUp(state, before) || clock.nowMs() >= deadline) return state;
    onProgress?.(`waiting for WAL segment ${segment} to be archived`);
    await clock.pause(LOOK_EVERY_MS, signal);
  }
}

function judgeByCounters(
  context: CheckContext,
  state: ArchiverState,
  maxAgeMs: number,
  settings: readonly Evidence[],
): CheckOutcome {
  const agoMs = archivedAgoMs(state);
  const limit = `at most ${formatDuration(maxAgeMs)} ago`;
  const evidence = [
    ...settings,
    fact('proof', "the server's counters only: this role may not write a restore point and close a segment"),
    ...counters(state, limit),
  ];
  if (isFailing(state)) return failed(context, failing(state), evidence);
  if (agoMs === undefined || agoMs > maxAgeMs) return failed(context, tooLongAgo(agoMs, maxAgeMs), evidence);
  const summary = `the last WAL segment was archived ${formatDuration(agoMs)} ago (by the server's counters only)`;
  return passed(context, summary, evidence);
}

function counters(state: ArchiverState, limit?: string): readonly Evidence[] {
  const agoMs = archivedAgoMs(state);
  const last = agoMs === undefined ? 'never' : `${state.lastArchivedWal}, ${formatDuration(agoMs)} ago`;
  const failures = isFailing(state) ? `the last try failed, on ${state.lastFailedWal}` : 'none since the last success';
  return [fact('last archived', last, limit), fact('failures', failures, 'none since the last success')];
}
