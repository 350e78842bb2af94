/** What a database has of a runbook's migrations, and what applying the rest would do: values that renderings start from. */
import type { ClaimRow } from './claim.ts';
import type { Drift } from './drift.ts';
import type { LockLimits, PartKind } from './lock-limits.ts';
import type { Problem } from './problem.ts';
import type { StatementEffects, TouchedTable } from './statement-effects.ts';

/** `unfinished`: some parts are done, or its undoing has begun. `missing`: applied, with no file of its number. */
export type MigrationState = 'applied' | 'unfinished' | 'pending' | 'missing';

export interface MigrationStatus {
  readonly version: string;
  readonly name: string;
  readonly state: MigrationState;
  /** ISO 8601 in UTC; null while it is not applied. Of a pending one: when it was run before it changed, if it is repeatable. */
  readonly appliedAt: string | null;
  readonly durationMs: number | null;
  readonly appliedBy: string | null;
  readonly runId: string | null;
  readonly partsDone: number | null;
  readonly partsTotal: number | null;
  /** Its undoing was begun and not finished. */
  readonly undoing: boolean;
  /** Which of its files are not those that were applied. */
  readonly edited: readonly ('up' | 'down')[];
  /** It is pending, and one after it is applied. */
  readonly outOfOrder: boolean;
}

export interface MigratorStatus {
  /** `user@host:port/database`. */
  readonly database: string;
  readonly schemas: readonly string[];
  readonly migrations: readonly MigrationStatus[];
  /** Tables of the owned schemas without the ledger: `communication.messages`, sorted. */
  readonly tables: readonly string[];
  /** What was changed by hand since the last run. */
  readonly drift: Drift;
  /** The run that is at work on the database, or null. */
  readonly claim: ClaimRow | null;
  /** Why `migrate` would refuse. */
  readonly problems: readonly Problem[];
  /** `.sql` files whose names fit no migration; left out where there is none. */
  readonly ignored?: readonly string[];
}

export interface DryRunStatement {
  /** 1-based line of its file. */
  readonly line: number;
  /** The parser's name for it: `CreateStmt`. */
  readonly kind: string;
  /** What it does to the database as the statements before it leave it; null where it is done already. */
  readonly effects: StatementEffects | null;
}

export interface DryRunMigration {
  readonly version: string;
  readonly name: string;
  /** The up file, relative to the checkout. */
  readonly path: string;
  /** Null where it has no mirror. */
  readonly downPath: string | null;
  readonly upChecksum: string;
  readonly downChecksum: string | null;
  /** The whole up file. */
  readonly sql: string;
  /** `none`: the file asks to be run statement by statement. */
  readonly transaction: 'auto' | 'none';
  /** What commits together; a statement that runs outside a transaction is a part of its own. */
  readonly parts: readonly {
    readonly kind: 'transaction' | 'alone';
    readonly lockPolicy: PartKind;
    readonly statements: readonly DryRunStatement[];
  }[];
  /** Parts that an earlier attempt has done. */
  readonly partsDone: number;
  /** Tables of the target that it locks, reads or writes. */
  readonly touched: readonly TouchedTable[];
}

export interface DryRun {
  /** `user@host:port/database`. */
  readonly database: string;
  readonly onDisk: number;
  /** Of those on disk: numbered ones that nothing takes back. */
  readonly withoutMirror: number;
  /** Of those on disk: run again whenever they change, and never taken back. */
  readonly repeatable: number;
  readonly applied: number;
  /** In the order in which they would be applied. */
  readonly pending: readonly DryRunMigration[];
  /** What the lock policies of the parts stand for here. */
  readonly limits: LockLimits;
  /** Those of all pending migrations, each once. */
  readonly touched: readonly TouchedTable[];
  /** Why `migrate` would refuse; none where it would not. */
  readonly problems: readonly Problem[];
}
