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
  /** Where only these columns are lost: `rows` are those with a value in one of them. */
  readonly columns?: readonly string[];
}

/** How far the server is with an index, as it says itself. */
export interface BuildProgress {
  /** Qualified; null while nobody else can see it: inside a transaction. */
  readonly index: string | null;
  readonly table: string;
  /** `CREATE INDEX CONCURRENTLY`, `REINDEX` … */
  readonly command: string;
  /** In PostgreSQL's words: `building index: scanning table`. */
  readonly phase: string;
  /** Of all phases together, 0 to 99: weighted by what they usually take, and never going back. */
  readonly percent: number;
  /** Sessions that this phase waits for. */
  readonly lockersTotal: number;
  readonly lockersDone: number;
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
      /** Sessions that waited behind us meanwhile. */
      readonly queuedBehind: number;
      readonly pauseMs: number;
    }
  /** A statement that waits long waits for other sessions; told again when they are others. */
  | {
      readonly kind: 'waiting-for-sessions';
      readonly doing: string;
      readonly blockers: readonly Blocker[];
      readonly queuedBehind: number;
    }
  /** A session on the allow list was told to give up its statement. */
  | { readonly kind: 'blocker-cancelled'; readonly doing: string; readonly blocker: Blocker; readonly waitedMs: number }
  /** A session on the allow list was ended. */
  | {
      readonly kind: 'blocker-terminated';
      readonly doing: string;
      readonly blocker: Blocker;
      readonly waitedMs: number;
    }
  /** A session on the allow list was left alone; told once. */
  | {
      readonly kind: 'blocker-spared';
      readonly doing: string;
      readonly blocker: Blocker;
      readonly why: 'protected' | 'no-right';
    }
  /** A file asked for a wider limit than ours; ours was kept. `asked` is its text, `keptMs` 0 is no limit. */
  | {
      readonly kind: 'limit-kept';
      readonly doing: string;
      readonly line: number;
      readonly setting: string;
      readonly asked: string;
      readonly keptMs: number;
    }
  /** A block in the file sets a limit for what it runs itself, where ours cannot be said again. */
  | { readonly kind: 'limit-not-held'; readonly doing: string; readonly line: number; readonly setting: string }
  /** An index is being built; told when it has moved on by some percent, when its phase changes, and every few seconds. */
  | { readonly kind: 'build-progress'; readonly doing: string; readonly build: BuildProgress }
  /** Another backend is building this index; it is left to finish. */
  | { readonly kind: 'waiting-for-build'; readonly index: string; readonly pid: number }
  /** The index was built to the end by an attempt whose client had gone. */
  | { readonly kind: 'index-adopted'; readonly index: string }
  /** A statement outside a transaction was not run: `found` done in the database, or `assumed` to be, as was asked for. */
  | {
      readonly kind: 'statement-done-already';
      readonly doing: string;
      readonly line: number;
      readonly how: 'found' | 'assumed';
    }
  /** An INVALID index, left by a build that did not finish, was dropped. */
  | { readonly kind: 'debris-dropped'; readonly index: string }
  | { readonly kind: 'migration-applied'; readonly migration: MigrationRef; readonly durationMs: number }
  | { readonly kind: 'already-applied'; readonly migration: MigrationRef }
  /** Several steps back are about to be taken, in this order. */
  | { readonly kind: 'rollbacks-pending'; readonly migrations: readonly MigrationRef[] }
  /** `unfinished`: what an unfinished migration left is cleared, instead of reverting the one before it. */
  | { readonly kind: 'rollback-started'; readonly migration: MigrationRef; readonly of: 'applied' | 'unfinished' }
  /** While clearing: what this statement would drop was not there. */
  | { readonly kind: 'statement-skipped'; readonly line: number; readonly reason: string }
  /** Counted, while nothing is saved or dropped yet. */
  | { readonly kind: 'rows-at-stake'; readonly migration: MigrationRef; readonly tables: readonly SavedTable[] }
  | {
      readonly kind: 'rows-saved';
      readonly directory: string;
      readonly method: 'pg_dump' | 'copy';
      /** The exact command that puts them back, once the tables are there again. */
      readonly restore: string;
      readonly tables: readonly SavedTable[];
    }
  /** As was asked for: rows were dropped without saving them. */
  | { readonly kind: 'rows-not-saved'; readonly tables: readonly SavedTable[] }
  /** As was asked for: a block that commits by itself is run, of which it cannot be known which rows it drops. */
  | { readonly kind: 'loss-not-counted'; readonly line: number }
  | {
      readonly kind: 'migration-reverted';
      readonly migration: MigrationRef;
      readonly of: 'applied' | 'unfinished';
      readonly durationMs: number;
    }
  | { readonly kind: 'nothing-to-do'; readonly why: 'all-applied' | 'none-applied' };

export type OnMigratorEvent = (event: MigratorEvent) => void;
