/**
 * What a migration was seen to do to relations that were there before it: the locks it held at its end and what it wrote
 * anew. Measured in the database, never told from the SQL; workflow-safe.
 */
import { compareLockModes, type LockMode } from './statement-effects.ts';

/** The strongest lock on one relation. */
export interface ObservedLock {
  /** `app.parents`, quoted where needed; the name it had before. */
  readonly table: string;
  readonly mode: LockMode;
}

export interface Observed {
  /** Sorted by table. */
  readonly locks: readonly ObservedLock[];
  /** Tables and indexes whose files were exchanged: rewritten, rebuilt or truncated. Sorted. */
  readonly rewritten: readonly string[];
  /** Statements outside a transaction: their locks are gone when they end, so those are not in `locks`. */
  readonly alone: number;
}

export const NOTHING_OBSERVED: Observed = { locks: [], rewritten: [], alone: 0 };

/** Both together: the strongest lock on each table, everything that was rewritten. Null where either is unknown. */
export function mergeObserved(a: Observed | null, b: Observed | null): Observed | null {
  if (!a || !b) return null;
  return {
    locks: strongest([...a.locks, ...b.locks]),
    rewritten: [...new Set([...a.rewritten, ...b.rewritten])].sort(),
    alone: a.alone + b.alone,
  };
}

/** One lock per table, the strongest, sorted by table. */
export function strongest(locks: readonly ObservedLock[]): ObservedLock[] {
  const best = new Map<string, ObservedLock>();
  for (const lock of locks) {
    const known = best.get(lock.table);
    if (!known || compareLockModes(lock.mode, known.mode) > 0) best.set(lock.table, lock);
  }
  return [...best.values()].sort((a, b) => (a.table < b.table ? -1 : 1));
}
