/** What going back would do, and what it would lose: a value that renderings start from. */
import type { LockLimits } from './lock-limits.ts';
import type { DryRunMigration } from './migrator-status.ts';
import type { TouchedTable } from './statement-effects.ts';
import type { WouldBeLost } from './would-be-lost.ts';

/** One step back, by the mirror of its migration. */
export interface DryRunMirror
  extends Pick<DryRunMigration, 'version' | 'name' | 'sql' | 'transaction' | 'parts' | 'touched'> {
  /** The down file, relative to the checkout. */
  readonly path: string;
  /** sha256 hex of the down file. */
  readonly checksum: string;
  /** `unfinished`: some parts of it are done, and what they left is cleared. */
  readonly state: 'applied' | 'unfinished';
}

export interface DryRunBack {
  /** `user@host:port/database`. */
  readonly database: string;
  /** How many are in the ledger. */
  readonly applied: number;
  /** In the order in which they would be rolled back. */
  readonly reverting: readonly DryRunMirror[];
  /** What would be applied again behind them. */
  readonly again: readonly DryRunMigration[];
  /** What the lock policies of the parts stand for here. */
  readonly limits: LockLimits;
  /** Tables of the target that all of this locks, reads or writes, each once. */
  readonly touched: readonly TouchedTable[];
  /** One for each of `reverting`, in the same order. */
  readonly lost: readonly WouldBeLost[];
}
