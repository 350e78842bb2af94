/** What works on the tables without being asked by a person: paused for the window, proven stopped, and always resumed. */
import type { SecretRef } from './secret-ref.ts';

interface Named {
  /** Unique in its target. */
  readonly name: string;
  /** How long it may take to stop, or to be running again. Default 1 min. */
  readonly timeoutMs: number;
}

/** One request. `headers` may hold secrets by reference. */
export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string | SecretRef;
  readonly headers?: Readonly<Record<string, string | SecretRef>>;
  readonly body?: string;
}

/** Closed: a new kind is a member here, a schema member and a file in `src/drain/consumers`. */
export type Consumer =
  | (Named & {
      readonly kind: 'http';
      readonly pause: HttpCall;
      readonly resume: HttpCall;
      /** Asked until it answers 2xx with `stopped` (or `running`) as the value at `field`. */
      readonly status: HttpCall & { readonly field: string; readonly stopped: string; readonly running: string };
    })
  /** Programs with their arguments; no shell. `status` prints `stopped` or `running`. */
  | (Named & {
      readonly kind: 'command';
      readonly pause: readonly string[];
      readonly resume: readonly string[];
      readonly status: readonly string[];
    })
  /** Statements on the target or on another database; `status` returns one boolean: true where it has stopped. */
  | (Named & {
      readonly kind: 'sql';
      readonly pause: string;
      readonly resume: string;
      readonly status: string;
      readonly url?: SecretRef;
    })
  /** A logical replication subscription, on the target or on another database. */
  | (Named & { readonly kind: 'subscription'; readonly subscription: string; readonly url?: SecretRef });
