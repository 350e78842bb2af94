/** The replicas of a target: how many, how to ask each of them, and when a run stands still because they are behind. */
import type { SecretRef } from './secret-ref.ts';

export interface ReplicaPolicy {
  /** More or fewer than this fail the check. */
  readonly expected: number;
  /** Asked themselves, beside what the primary says of them. */
  readonly members?: readonly ReplicaMember[];
  /** A transaction on a member that is older fails the check. Left out: DEFAULT_LONG_QUERY_MS. */
  readonly longQueryMs?: number;
  /** Watched before every step of an execution. Left out: only the checklist looks. */
  readonly watch?: ReplicaWatch;
}

export interface ReplicaMember {
  /** Its application_name as the primary shows it; unique in its target. */
  readonly name: string;
  readonly url: SecretRef;
}

/** Hysteresis: a run that stood still goes on only when the lag is well below what stopped it. */
export interface ReplicaWatch {
  /** The run stands still before the next step while a replica is further behind. Default 5 s. */
  readonly holdAboveMs: number;
  /** It goes on when all are within this. Less than `holdAboveMs`. Default 1 s. */
  readonly resumeBelowMs: number;
  /** So long it stands still at the most before it is undone. Default 30 min. */
  readonly giveUpAfterMs: number;
}

/** Five minutes: what a reader of a replica may take before replay cancels it, or waits for it, as the check sees it. */
export const DEFAULT_LONG_QUERY_MS = 300_000;
