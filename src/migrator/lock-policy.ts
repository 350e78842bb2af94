/**
 * How long a step waits for locks, how often it comes back, and when it gives up. Statements that block others wait briefly
 * and often: whoever queues behind us waits no longer than one lock timeout. Which part is of which kind: locks/part-kind.ts.
 */
import type { BlockerRule } from '../model/blocker-rule.ts';
import type { LockLimits } from '../model/lock-limits.ts';
import type { TargetLocks } from '../model/target.ts';
import { kindOfPart, type PartKind } from './locks/part-kind.ts';
import type { Part } from './statements.ts';

/** All in milliseconds. */
export interface LockPolicy {
  /** One try of a part that blocks others, changes rows or makes new tables; readers behind us wait no longer. Default 500. */
  readonly lockTimeoutMs: number;
  /** All tries of one part together. Default 2 minutes. */
  readonly totalMs: number;
  /** The pause after the first, second … failed try, each with jitter of half; the last one is repeated. */
  readonly pausesMs: readonly number[];
  /** What blocks nobody who reads or writes (CONCURRENTLY, VALIDATE, VACUUM, ANALYZE) waits this long. Default 30 minutes. */
  readonly concurrentLockTimeoutMs: number;
  /** How long a statement that reads or changes rows may run. Default 15 minutes; 0: no limit. */
  readonly statementTimeoutMs: number;
  /** How long to wait for another migrator to finish. Default 5 minutes. */
  readonly migratorWaitMs: number;
  /** Sessions in our way that may be cancelled or ended. Default: none. */
  readonly cancelBlockers: readonly BlockerRule[];
}

/** The published table: about 25 tries in two minutes, the first five within the first four seconds. */
export const DEFAULT_LOCK_POLICY: LockPolicy = {
  lockTimeoutMs: 500,
  totalMs: 120_000,
  pausesMs: [100, 200, 400, 800, 1_500, 3_000, 5_000],
  concurrentLockTimeoutMs: 1_800_000,
  statementTimeoutMs: 900_000,
  migratorWaitMs: 300_000,
  cancelBlockers: [],
};

/** The limits that hold while one part runs; milliseconds, 0 is none. */
export interface PartPolicy {
  readonly kind: PartKind;
  readonly lockTimeoutMs: number;
  /** All tries together. */
  readonly totalMs: number;
  /** Of those statements in it that read or change rows; all others have none. */
  readonly statementTimeoutMs: number;
}

/** Told from the text alone, so that `migrate` asks nobody. */
export function policyFor(policy: LockPolicy, part: Part): PartPolicy {
  const kind = kindOfPart(part);
  const { lockTimeoutMs, totalMs, statementTimeoutMs, concurrentLockTimeoutMs: longMs } = policy;
  if (kind === 'patient')
    return { kind, lockTimeoutMs: longMs, totalMs: Math.max(totalMs, longMs), statementTimeoutMs: 0 };
  // It waits for transactions that are older, with no lock that anybody meets but for the moments of each try.
  const outlasts = part.kind === 'alone' && part.work.kind === 'detach-partition';
  return { kind, lockTimeoutMs, totalMs: outlasts ? Math.max(totalMs, longMs) : totalMs, statementTimeoutMs };
}

/** What plans and dry runs say of it. */
export function limitsOf(policy: LockPolicy): LockLimits {
  const { lockTimeoutMs, totalMs, concurrentLockTimeoutMs, statementTimeoutMs } = policy;
  return { lockTimeoutMs, totalMs, concurrentLockTimeoutMs, statementTimeoutMs };
}

/** What a target asks for in drydock.yaml, for `MigratorOptions.lockPolicy`; flags go over it. */
export function lockPolicyOf(locks: TargetLocks | undefined): Partial<LockPolicy> {
  const { lockTimeoutMs, giveUpAfterMs, statementTimeoutMs, concurrentWaitMs, migratorWaitMs, cancelBlockers } =
    locks ?? {};
  return {
    ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
    ...(giveUpAfterMs === undefined ? {} : { totalMs: giveUpAfterMs }),
    ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
    ...(concurrentWaitMs === undefined ? {} : { concurrentLockTimeoutMs: concurrentWaitMs }),
    ...(migratorWaitMs === undefined ? {} : { migratorWaitMs }),
    ...(cancelBlockers === undefined ? {} : { cancelBlockers }),
  };
}

/** The pause after failed try number `attempt` (1-based), before jitter. */
export function pauseAfter(policy: LockPolicy, attempt: number): number {
  return policy.pausesMs[Math.min(attempt, policy.pausesMs.length) - 1] ?? 0;
}
