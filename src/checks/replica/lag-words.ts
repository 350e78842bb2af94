/** What a measured lag is in evidence and problems. Pure. */
import { formatDuration } from '../../model/duration.ts';
import type { Evidence } from '../../model/outcome.ts';
import type { ProblemInput } from '../../model/problem.ts';
import { count, fact } from '../outcome.ts';
import { type Replica, replicaName } from '../replicas.ts';
import type { LagSample } from './measure-lag.ts';

export interface LagLimits {
  readonly expected: number;
  readonly maxLagMs: number;
}

export function lagEvidence(
  { marker, tookMs, replicas, receivers }: LagSample,
  { expected, maxLagMs }: LagLimits,
): readonly Evidence[] {
  const limit = `within ${formatDuration(maxLagMs)}`;
  return [
    fact('replicas', replicas.length, String(expected)),
    fact('marker', marker),
    ...replicas.map((replica) => fact(`replica ${replicaName(replica)}`, replayWords(replica, tookMs), limit)),
    ...receivers.map((one) => fact(`replica ${replicaName(one)}`, 'receives WAL and replays none: not counted')),
  ];
}

function replayWords(replica: Replica, tookMs: number): string {
  if (replica.state === null) return 'not visible to this role';
  if (!replica.replayed) return `not replayed: ${behindWords(replica)}`;
  return `replayed within ${formatDuration(tookMs)}, ${heardWords(replica)}`;
}

/** `streaming, 4096 bytes behind, last heard of 120 ms ago`. */
function behindWords(replica: Replica): string {
  const { state, behindBytes } = replica;
  const bytes = behindBytes === null ? 'reports no replay' : `${count(behindBytes, 'byte')} behind`;
  return `${state}, ${bytes}, ${heardWords(replica)}`;
}

function heardWords({ heardAgoMs }: Replica): string {
  return heardAgoMs === null ? 'never heard of' : `last heard of ${formatDuration(heardAgoMs)} ago`;
}

/** Undefined where the expected replicas are there and have replayed the marker. */
export function lagProblem({ replicas, isHidden }: LagSample, limits: LagLimits): ProblemInput | undefined {
  const { expected, maxLagMs } = limits;
  if (isHidden) return notVisible();
  if (replicas.length !== expected) return wrongNumber(replicas, expected);
  const late = replicas.filter(({ replayed }) => !replayed);
  if (late.length === 0) return undefined;
  return {
    code: 'replica-lagging',
    message: `${late.length} of ${count(replicas.length, 'replica')} did not replay what was written within ${formatDuration(maxLagMs)}`,
    found: late.map((replica) => `${replicaName(replica)}: ${behindWords(replica)}`).join('\n'),
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

/** What is behind, in one line: `east (10.0.0.7): streaming, 4096 bytes behind, last heard of 120 ms ago; 1 replica missing`. */
export function behindSummary({ replicas, isHidden }: LagSample, expected: number): string {
  if (isHidden) return 'the state of the replicas is not visible to this role: grant pg_monitor to it';
  const late = replicas.filter(({ replayed }) => !replayed);
  const missing = expected - replicas.length;
  return [
    ...late.map((replica) => `${replicaName(replica)}: ${behindWords(replica)}`),
    ...(missing > 0 ? [`${count(missing, 'replica')} missing`] : []),
  ].join('; ');
}
