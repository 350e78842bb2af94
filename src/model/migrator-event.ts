/**
 * Everything a migrator has to tell while it works, as a closed set of events. Terminal lines, heartbeats and JSON are
 * renderings of them (src/report/migrator); the migrator itself prints nothing.
 */
import type { Blocker, LockHolder } from './backend.ts';
import type { ClaimRow } from './claim.ts';

/** `007` and `recipients`. */
export interface MigrationRef {
  readonly version: string;
  readonly name: string;
}

/** Rows of a table that is about to lose them. */
export interface SavedTable {
  readonly table: string;
  readonly rows: number;
}

export type MigratorEvent =
  /** Another migrator is at work; told when waiting begins and about every five seconds. */
  | { readonly kind: 'waiting-for-migrator'; readonly holders: readonly LockHolder[]; readonly waitedMs: number }
  /** The backend of an earlier attempt of the same owner was still there and has been ended. */
  | { readonly kind: 'orphan-ended'; readonly holder: LockHolder }
  /** The claim of a run that is over was passed by. */
  | { readonly kind: 'stale-claim'; readonly holder: ClaimRow }
  /** `migrate` knows what it is going to do. */
  | { readonly kind: 'migrations-pending'; readonly pending: readonly MigrationRef[]; readonly applied: number }
  /** `resumedAt` is the part (0-based) that an unfinished migration goes on with. */
  | {
      readonly kind: 'migration-started';
      readonly migration: MigrationRef;
      readonly parts: number;
      readonly resumedAt: number | null;
    }
  | { readonly kind: 'part-finished'; readonly migration: MigrationRef; readonly part: number; readonly parts: number }
  /** A try ended at the lock timeout. `blockers` are those seen waiting for, none after the first try. */
  | {
      readonly kind: 'lock-timeout';
      readonly doing: string;
      readonly attempt: number;
      readonly blockers: readonly Blocker[];
      readonly pauseMs: number;
    }
  /** A statement outside a transaction waits for other sessions. */
  | { readonly kind: 'waiting-for-sessions'; readonly doing: string; readonly blockers: readonly Blocker[] }
  /** Another backend is building this index; it is left to finish. */
  | { readonly kind: 'waiting-for-build'; readonly index: string; readonly pid: number }
  /** The index was built to the end by an attempt whose client had gone. */
  | { readonly kind: 'index-adopted'; readonly index: string }
  /** An INVALID index, left by a build that did not finish, was dropped. */
  | { readonly kind: 'debris-dropped'; readonly index: string }
  | { readonly kind: 'migration-applied'; readonly migration: MigrationRef; readonly durationMs: number }
  | { readonly kind: 'already-applied'; readonly migration: MigrationRef }
  /** `unfinished`: what an unfinished migration left is cleared, instead of reverting the one before it. */
  | { readonly kind: 'rollback-started'; readonly migration: MigrationRef; readonly of: 'applied' | 'unfinished' }
  /** While clearing: what this statement would drop was not there. */
  | { readonly kind: 'statement-skipped'; readonly line: number; readonly reason: string }
  | {
      readonly kind: 'rows-saved';
      readonly directory: string;
      readonly method: 'pg_dump' | 'copy';
      readonly tables: readonly SavedTable[];
    }
  /** As was asked for: rows were dropped without saving them. */
  | { readonly kind: 'rows-not-saved'; readonly tables: readonly SavedTable[] }
  | {
      readonly kind: 'migration-reverted';
      readonly migration: MigrationRef;
      readonly of: 'applied' | 'unfinished';
      readonly durationMs: number;
    }
  | { readonly kind: 'nothing-to-do'; readonly why: 'all-applied' | 'none-applied' };

export type OnMigratorEvent = (event: MigratorEvent) => void;
