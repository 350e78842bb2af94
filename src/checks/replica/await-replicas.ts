/**
 * Waits until every replica is near again, below what stopped the run. A replica that is gone, or that this role may no longer
 * see, counts as behind: nothing says that it is near.
 */
import type pg from 'pg';
import { formatDuration } from '../../model/duration.ts';
import { ProblemError } from '../../model/problem.ts';
import type { ReplicaWatch } from '../../model/replica-policy.ts';
import { type Clock, systemClock } from '../../postgres/clock.ts';
import { behindSummary } from './lag-words.ts';
import { areNear, type LagSample, measureLag } from './measure-lag.ts';

const LOOK_EVERY_MS = 500;

export interface ReplicaWait {
  readonly expected: number;
  readonly watch: ReplicaWatch;
  /** Default: that of this machine. */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

export interface ReplicasNear {
  readonly sample: LagSample;
  readonly waitedMs: number;
}

/** Errors: `replicas-behind` (stop) after `giveUpAfterMs`, those of the connection (retry), `interrupted`. */
export async function awaitReplicas(client: pg.Client, wait: ReplicaWait): Promise<ReplicasNear> {
  const { expected, watch, clock = systemClock, signal, onProgress } = wait;
  const startedAt = clock.nowMs();
  for (;;) {
    const sample = await measureLag(client, { expected, withinMs: watch.resumeBelowMs, clock, signal });
    const waitedMs = clock.nowMs() - startedAt;
    if (areNear(sample, expected)) return { sample, waitedMs };
    if (waitedMs >= watch.giveUpAfterMs) throw behind(sample, wait, waitedMs);
    onProgress?.(`waiting for ${formatDuration(waitedMs)}: ${behindSummary(sample, expected)}`);
    await clock.pause(LOOK_EVERY_MS, signal);
  }
}

function behind(sample: LagSample, { expected, watch }: ReplicaWait, waitedMs: number): ProblemError {
  return new ProblemError({
    code: 'replicas-behind',
    message: `the replicas stayed behind for ${formatDuration(waitedMs)}`,
    found: behindSummary(sample, expected),
    expected: `${expected} of them, each within ${formatDuration(watch.resumeBelowMs)}`,
    next: 'find out what holds the replicas up, then start again; replicas.watch in drydock.yaml says how long a run waits for them',
  });
}
