/** How long migrations wait for locks: the kinds of the lock policy and their limits, as plans and dry runs say them. */
import { formatDuration } from './duration.ts';

/**
 * Of a part of a migration. `blocking`: takes SHARE or stronger on a table that is there. `patient`: blocks nobody who reads or
 * writes. `data`: reads or changes rows. `free`: only what it makes itself, or the catalog.
 */
export type PartKind = 'blocking' | 'patient' | 'data' | 'free';

/** All in milliseconds; 0 is none. */
export interface LockLimits {
  /** One try. */
  readonly lockTimeoutMs: number;
  /** All tries of one part together. */
  readonly totalMs: number;
  /** One wait of a `patient` part. */
  readonly concurrentLockTimeoutMs: number;
  /** A statement that reads or changes rows. */
  readonly statementTimeoutMs: number;
}

/** `blocking: lock_timeout 500 ms`. */
export function limitWords(kind: PartKind, { lockTimeoutMs, concurrentLockTimeoutMs }: LockLimits): string {
  const limitMs = kind === 'patient' ? concurrentLockTimeoutMs : lockTimeoutMs;
  return `${kind}: lock_timeout ${limitMs === 0 ? 'none' : formatDuration(limitMs)}`;
}
