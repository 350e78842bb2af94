/**
 * The port for keeping traffic away from a database while a run works on it. A hold is a lease: it carries the number of the
 * claim it was taken under, and one with an older number has lost it. How traffic is kept away is each kind's own.
 */
import type { CheckContext } from '../checks/context.ts';
import type { Evidence } from '../model/outcome.ts';
import type { Problem } from '../model/problem.ts';
import type { SecretRef } from '../model/secret-ref.ts';
import type { HoldNotes } from './held-thing.ts';

/** On whose behalf traffic is held. */
export interface HoldOwner {
  readonly workflowId: string;
  readonly runId: string;
  /** The fencing number: the token of the run's claim, a growing number as text. */
  readonly token: string;
}

export interface HoldContext
  extends Pick<CheckContext, 'url' | 'target' | 'runbook' | 'root' | 'clock' | 'now' | 'signal' | 'onProgress'> {
  readonly owner: HoldOwner;
  readonly secret: (ref: SecretRef) => Promise<string>;
  /** What is held, in the target database. */
  readonly notes: HoldNotes;
}

export interface Lease {
  readonly token: string;
  /** ISO 8601 in UTC; null where nothing is held that would have to be let go. */
  readonly expiresAt: string | null;
}

export type HoldOutcome =
  /** `how` is one line for the state and the report. */
  | { readonly kind: 'held'; readonly how: string; readonly lease: Lease; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly evidence: readonly Evidence[] };

export type HeldOutcome =
  | { readonly kind: 'held'; readonly how: string; readonly evidence: readonly Evidence[] }
  | { readonly kind: 'broken'; readonly problem: Problem; readonly evidence: readonly Evidence[] };

export interface ReleaseOutcome {
  readonly kind: 'released' | 'nothing-was-held';
  readonly how: string;
  readonly evidence: readonly Evidence[];
}

/** All three may be called again after a crash and then find what the first call left. Errors: those of connections, `interrupted`. */
export interface Hold {
  hold(context: HoldContext): Promise<HoldOutcome>;
  /** One look whether traffic is still away; before every step. */
  held(context: HoldContext): Promise<HeldOutcome>;
  /** Harmless where nothing is held. */
  release(context: HoldContext): Promise<ReleaseOutcome>;
}
