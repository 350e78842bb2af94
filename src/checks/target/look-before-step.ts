/**
 * The short look before a step of an execution: still the same database, and replicas near enough to go on. It decides nothing:
 * what follows from either is the run's business.
 */
import type pg from 'pg';
import { formatDuration } from '../../model/duration.ts';
import type { Evidence } from '../../model/outcome.ts';
import type { Problem } from '../../model/problem.ts';
import type { ReplicaPolicy } from '../../model/replica-policy.ts';
import type { TargetIdentity } from '../../model/target.ts';
import { readServer } from '../identity.ts';
import { behindSummary, lagEvidence } from '../replica/lag-words.ts';
import { areNear, type LagQuestion, measureLag } from '../replica/measure-lag.ts';
import { identityChanged } from './identity-changed.ts';

export interface BeforeStep {
  readonly identity: TargetIdentity;
  /** `target-changed`. */
  readonly changed?: Problem;
  /** Set where a replica did not replay within the watch's `holdAboveMs`, or is gone. */
  readonly lagging?: { readonly summary: string; readonly evidence: readonly Evidence[] };
}

/** Takes as long as the replicas need for a marker, at the longest `holdAboveMs`. Errors: those of the connection, `interrupted`. */
export async function lookBeforeStep(
  client: pg.Client,
  planned: TargetIdentity,
  policy: ReplicaPolicy,
  waiting: Pick<LagQuestion, 'clock' | 'signal' | 'onProgress'> = {},
): Promise<BeforeStep> {
  const now = await readServer(client);
  const { identity } = now;
  const changed = identityChanged(planned, now);
  if (changed !== undefined) return { identity, changed };
  const lagging = await lag(client, policy, waiting);
  return lagging === undefined ? { identity } : { identity, lagging };
}

async function lag(
  client: pg.Client,
  { expected, watch }: ReplicaPolicy,
  waiting: Pick<LagQuestion, 'clock' | 'signal' | 'onProgress'>,
): Promise<BeforeStep['lagging']> {
  if (watch === undefined) return undefined;
  const { holdAboveMs, resumeBelowMs } = watch;
  const sample = await measureLag(client, { ...waiting, expected, withinMs: holdAboveMs });
  if (areNear(sample, expected)) return undefined;
  const until = `it goes on once all are within ${formatDuration(resumeBelowMs)}`;
  return {
    summary: `more than ${formatDuration(holdAboveMs)} behind: ${behindSummary(sample, expected)}; ${until}`,
    evidence: lagEvidence(sample, { expected, maxLagMs: holdAboveMs }),
  };
}
