/**
 * How long a step waits for locks, how often it comes back, and when it gives up. Statements that block others wait briefly
 * and often: whoever queues behind us waits no longer than one lock timeout.
 */

/** All in milliseconds. */
export interface LockPolicy {
  /** One try of a transactional part; readers behind us wait no longer than this. Default 500. */
  readonly lockTimeoutMs: number;
  /** All tries of one part together. Default 2 minutes. */
  readonly totalMs: number;
  /** The pause after the first, second … failed try, each with jitter of half; the last one is repeated. */
  readonly pausesMs: readonly number[];
  /** CREATE and DROP INDEX CONCURRENTLY wait for transactions, blocking nobody who reads or writes. Default 30 minutes. */
  readonly concurrentLockTimeoutMs: number;
  /** How long to wait for another migrator to finish. Default 5 minutes. */
  readonly migratorWaitMs: number;
}

/** The published table: about 25 tries in two minutes, the first five within the first four seconds. */
export const DEFAULT_LOCK_POLICY: LockPolicy = {
  lockTimeoutMs: 500,
  totalMs: 120_000,
  pausesMs: [100, 200, 400, 800, 1_500, 3_000, 5_000],
  concurrentLockTimeoutMs: 1_800_000,
  migratorWaitMs: 300_000,
};

/** The pause after failed try number `attempt` (1-based), before jitter. */
export function pauseAfter(policy: LockPolicy, attempt: number): number {
  return policy.pausesMs[Math.min(attempt, policy.pausesMs.length) - 1] ?? 0;
}
