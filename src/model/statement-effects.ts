/**
 * What one SQL statement does to a running database: which locks, on which tables, how much work on rows that are there, and
 * whether it can be taken back. Values that dry runs, plans, lint findings and rehearsals are rendered from.
 */

/** PostgreSQL's table lock modes, from the weakest to the strongest. */
export const LOCK_MODES = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;
export type LockMode = (typeof LOCK_MODES)[number];

/** Positive where `a` is the stronger one. */
export function compareLockModes(a: LockMode, b: LockMode): number {
  return LOCK_MODES.indexOf(a) - LOCK_MODES.indexOf(b);
}

/** What others can still do with a table while it is locked so. */
export function blockedBy(mode: LockMode): 'nothing' | 'schema changes' | 'writes' | 'reads and writes' {
  if (mode === 'ACCESS EXCLUSIVE') return 'reads and writes';
  if (compareLockModes(mode, 'SHARE') >= 0) return 'writes';
  return compareLockModes(mode, 'SHARE UPDATE EXCLUSIVE') >= 0 ? 'schema changes' : 'nothing';
}

/** A lock on a table that was there before the migrations that are looked at. */
export interface TableLock {
  /** `communication.messages`; without a schema as written, where it could not be resolved. */
  readonly table: string;
  readonly mode: LockMode;
  /** Why a table is locked that the statement may not name. */
  readonly because:
    | 'named'
    | 'referenced by a foreign key'
    | 'has a foreign key to it'
    | 'partition'
    | 'parent'
    | 'owner of the index'
    | 'owner of the trigger'
    | 'cascade';
}

/**
 * What happens to the rows of a table that is there, from the least to the most. `none`: only the catalog changes. `scan`: all
 * rows are read under the lock. `rewrite`: the table, or its indexes, are written anew. `data`: rows are changed by the
 * statement itself. `unknown`: a DO block, a function call.
 */
export type RowWork = 'none' | 'scan' | 'index build' | 'rewrite' | 'data' | 'unknown';

export interface TableWork {
  readonly table: string;
  readonly work: RowWork;
}

/** Whether a mirror can take it back: `loses data` where a mirror brings the structure back and not the rows. */
export type Undoable = 'yes' | 'loses data' | 'no';

export interface StatementEffects {
  /** 1-based line of its file. */
  readonly line: number;
  /** The parser's name for it: `AlterTableStmt`. */
  readonly kind: string;
  /** In a few words, for people: `adds column edited_at to communication.messages`. */
  readonly summary: string;
  /** Strongest first. None where the statement touches only tables made by the same plan, or none. */
  readonly locks: readonly TableLock[];
  readonly work: readonly TableWork[];
  /** `no`: it cannot be in a transaction. */
  readonly transaction: 'yes' | 'no';
  readonly undoable: Undoable;
  /** What could not be told from its text: a DO block's EXECUTE, a function that is called. */
  readonly opaque: readonly string[];
}

/** A table on the target that pending statements lock, scan or rewrite. */
export interface TouchedTable {
  readonly table: string;
  /** The planner's estimate; null where the table has never been analysed. */
  readonly rows: number | null;
  /** With indexes and TOAST. */
  readonly bytes: number;
}
