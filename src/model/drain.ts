/** How traffic is kept away from a target during its window. */
import type { SecretRef } from './secret-ref.ts';

/** Of consumers where someone else drains, and of every other hold that names none. */
export const DEFAULT_LEASE_MS = 30_000;

export interface LeasePolicy {
  /** Traffic is let go by itself when the run has not renewed for so long. Default 30 s. */
  readonly leaseMs: number;
}

export interface Pooler {
  /** Unique in its target. */
  readonly name: string;
  /** `postgres://admin@host:6432/pgbouncer`. */
  readonly admin: SecretRef;
  /** As the pooler calls it. */
  readonly database: string;
}

/** Closed: a new kind is a member here, a schema member and a file in `src/drain`. */
export type Drain =
  /** Someone else drains; quiet is proven. */
  | { readonly kind: 'observe' }
  | (LeasePolicy & {
      readonly kind: 'pgbouncer';
      readonly poolers: readonly Pooler[];
      /** How long a PAUSE may take before it is abandoned. Default 30 s. */
      readonly pauseTimeoutMs: number;
      /** `lift`: query_wait_timeout is 0 while held and put back. `keep`: a longer window is refused in the plan. Default `keep`. */
      readonly queryWaitTimeout: 'keep' | 'lift';
    })
  | (LeasePolicy & {
      readonly kind: 'read-only';
      /** Whose sessions become read-only; empty: everybody's, by the database's own setting. */
      readonly roles: readonly string[];
      /** How long sessions may finish what they do before they are ended. Default 30 s. */
      readonly endAfterMs: number;
    });

/** How long a hold on such a target is let stand without being renewed. */
export function leaseMsOf(drain: Drain): number {
  return drain.kind === 'observe' ? DEFAULT_LEASE_MS : drain.leaseMs;
}
