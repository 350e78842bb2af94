/** What a database has of a runbook's migrations, and what applying the rest would do: values that renderings start from. */
import type { ClaimRow } from './claim.ts';
import type { Problem } from './problem.ts';

/** `unfinished`: some parts are done, or its undoing has begun. `missing`: applied, with no file of its number. */
export type MigrationState = 'applied' | 'unfinished' | 'pending' | 'missing';

export interface MigrationStatus {
  readonly version: string;
  readonly name: string;
  readonly state: MigrationState;
  /** ISO 8601 in UTC; null while it is not applied. */
  readonly appliedAt: string | null;
  readonly durationMs: number | null;
  readonly appliedBy: string | null;
  readonly runId: string | null;
  readonly partsDone: number | null;
  readonly partsTotal: number | null;
  /** Its undoing was begun and not finished. */
  readonly undoing: boolean;
}

export interface MigratorStatus {
  /** `user@host:port/database`. */
  readonly database: string;
  readonly schemas: readonly string[];
  readonly migrations: readonly MigrationStatus[];
  /** Tables of the owned schemas without the ledger: `communication.messages`, sorted. */
  readonly tables: readonly string[];
  /** The run that is at work on the database, or null. */
  readonly claim: ClaimRow | null;
  /** Why `migrate` would refuse. */
  readonly problems: readonly Problem[];
}

export interface DryRunStatement {
  /** 1-based line of its file. */
  readonly line: number;
  /** The parser's name for it: `CreateStmt`. */
  readonly kind: string;
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
  /** What commits together; a statement that runs outside a transaction is a part of its own. */
  readonly parts: readonly {
    readonly kind: 'transaction' | 'alone';
    readonly statements: readonly DryRunStatement[];
  }[];
  /** Parts that an earlier attempt has done. */
  readonly partsDone: number;
}

export interface DryRun {
  /** `user@host:port/database`. */
  readonly database: string;
  readonly onDisk: number;
  readonly applied: number;
  /** In the order in which they would be applied. */
  readonly pending: readonly DryRunMigration[];
  /** Why `migrate` would refuse; none where it would not. */
  readonly problems: readonly Problem[];
}
