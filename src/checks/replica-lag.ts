/**
 * Are the replicas there that the target expects, and does each replay what is written now within the limit? Measured by a
 * marker, because the server's own lag columns are small while replay is paused and large after it caught up.
 */
import { formatDuration } from '../model/duration.ts';
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import type { ProblemInput } from '../model/problem.ts';
import { type Clock, systemClock } from '../postgres/clock.ts';
import type { Session } from '../postgres/connect.ts';
import type { Check, CheckContext } from './context.ts';
import { count, fact, failed, passed } from './outcome.ts';
import { type Replica, readReplicas, replicaName, writeMarker } from './replicas.ts';
import { withSession } from './session.ts';

const LOOK_EVERY_MS = 50;

export const checkReplicaLag: Check<'replica-lag'> = (context, { maxLagMs }) =>
  withSession(context, 'replica-lag', (session) => look(context, session, maxLagMs));

async function look(context: CheckContext, session: Session, maxLagMs: number): Promise<CheckOutcome> {
  const clock = context.clock ?? systemClock;
  const startedAt = clock.nowMs();
  const marker = await writeMarker(session.client);
  const replicas = await waitForReplay(context, session, { marker, maxLagMs, clock });
  const tookMs = clock.nowMs() - startedAt;
  const { expected } = context.target.replicas;
  const evidence = [
    fact('replicas', replicas.filter(isReplica).length, String(expected)),
    fact('marker', marker),
    ...replicas.map((replica) => describe(replica, tookMs, maxLagMs)),
  ];
  const problem = refusal(replicas, expected, maxLagMs);
  if (problem !== undefined) return failed(context, problem, evidence);
  if (expected === 0) return passed(context, 'no replicas are expected and none is connected', evidence);
  const all = `${expected} of ${count(expected, 'replica')}`;
  return passed(context, `${all} replayed the marker within ${formatDuration(tookMs)}`, evidence);
}

interface Wait {
  readonly marker: string;
  readonly maxLagMs: number;
  readonly clock: Clock;
}

/** Looks until the expected replicas have all replayed the marker, at the longest for the limit; gives what was seen last. */
async function waitForReplay(
  { target, signal, onProgress }: CheckContext,
  { client }: Session,
  { marker, maxLagMs, clock }: Wait,
): Promise<readonly Replica[]> {
  const deadline = clock.nowMs() + maxLagMs;
  for (;;) {
    const replicas = await readReplicas(client, marker);
    const seen = replicas.filter(isReplica);
    const hidden = replicas.some(({ state }) => state === null);
    const complete = seen.length >= target.replicas.expected && seen.every(({ replayed }) => replayed === true);
    if (complete || hidden || clock.nowMs() >= deadline) return replicas;
    onProgress?.(
      `waiting for ${count(seen.filter(({ replayed }) => !replayed).length, 'replica')} to replay ${marker}`,
    );
    await clock.pause(LOOK_EVERY_MS, signal);
  }
}

/** A stream that reports no replay only receives: pg_receivewal, a witness. It is named and not counted. */
function isReplica({ state, replayed }: Replica): boolean {
  return state === null || state !== 'streaming' || replayed !== null;
}

function describe(replica: Replica, tookMs: number, maxLagMs: number): Evidence {
  const name = `replica ${replicaName(replica)}`;
  if (!isReplica(replica)) return fact(name, 'receives WAL and replays none: not counted');
  if (replica.state === null) return fact(name, 'not visible to this role');
  if (replica.replayed)
    return fact(name, `replayed within ${formatDuration(tookMs)}`, `within ${formatDuration(maxLagMs)}`);
  return fact(name, `not replayed: ${behind(replica)}`, `within ${formatDuration(maxLagMs)}`);
}

function behind({ state, behindBytes, heardAgoMs }: Replica): string {
  const bytes = behindBytes === null ? 'reports no replay' : `${count(behindBytes, 'byte')} behind`;
  const heard = heardAgoMs === null ? 'never heard of' : `last heard of ${formatDuration(heardAgoMs)} ago`;
  return `${state}, ${bytes}, ${heard}`;
}

function refusal(replicas: readonly Replica[], expected: number, maxLagMs: number): ProblemInput | undefined {
  if (replicas.some(({ state }) => state === null)) return notVisible();
  const seen = replicas.filter(isReplica);
  if (seen.length !== expected) return wrongNumber(seen, expected);
  const late = seen.filter(({ replayed }) => !replayed);
  if (late.length === 0) return undefined;
  return {
    code: 'replica-lagging',
    message: `${late.length} of ${count(seen.length, 'replica')} did not replay what was written within ${formatDuration(maxLagMs)}`,
    found: late.map((replica) => `${replicaName(replica)}: ${behind(replica)}`).join('\n'),
    expected: `every replica replays a marker within ${formatDuration(maxLagMs)}`,
    next: 'on the replica: SELECT pg_is_wal_replay_paused(), pg_last_wal_replay_lsn(); retry this item once it has caught up',
  };
}

function wrongNumber(seen: readonly Replica[], expected: number): ProblemInput {
  const verb = seen.length < expected ? 'missing' : 'not expected';
  const difference = count(Math.abs(seen.length - expected), 'replica');
  return {
    code: seen.length < expected ? 'replica-missing' : 'replica-unexpected',
    message: `${difference} ${verb}`,
    found: seen.length === 0 ? 'no replica is connected' : `connected: ${seen.map(replicaName).join(', ')}`,
    expected: count(expected, 'replica'),
    next:
      seen.length < expected
        ? 'bring the replica back, or correct replicas.expected in drydock.yaml, and retry this item'
        : 'set replicas.expected in drydock.yaml to how many there are, and start again',
  };
}

function notVisible(): ProblemInput {
  return {
    code: 'replicas-not-visible',
    message: 'the state of the replicas is not visible to this role',
    found: 'pg_stat_replication has rows whose columns are null',
    expected: 'a role with pg_monitor',
    next: 'GRANT pg_monitor TO the role of the URL, and retry this item',
  };
}
