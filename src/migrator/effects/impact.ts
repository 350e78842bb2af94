/** The effects of one migration's statements, added up per table that is there before the plan. Pure. */
import type { MigrationImpact } from '../../model/impact.ts';
import {
  compareLockModes,
  type LockMode,
  type RowWork,
  type StatementEffects,
  type TouchedTable,
} from '../../model/statement-effects.ts';
import type { CatalogView } from './catalog-view.ts';
import { WORK_ORDER } from './effects-draft.ts';

export function impactOf(effects: readonly StatementEffects[], start: CatalogView): MigrationImpact {
  const locks = new Map<string, LockMode>();
  const work = new Map<string, RowWork>();
  for (const one of effects) {
    for (const { table, mode, because } of one.locks) {
      const name = because === 'named' ? table : wholeOf(table, start);
      const before = locks.get(name);
      const stronger = !before || compareLockModes(mode, before) > 0;
      if (mode !== 'ACCESS SHARE' && stronger) locks.set(name, mode);
    }
    for (const { table, work: kind } of one.work) {
      const name = wholeOf(table, start);
      if (WORK_ORDER.indexOf(kind) > WORK_ORDER.indexOf(work.get(name) ?? 'none')) work.set(name, kind);
    }
  }
  return {
    locks: [...locks]
      .map(([table, mode]) => ({ table, mode }))
      .sort((a, b) => compareLockModes(b.mode, a.mode) || (a.table < b.table ? -1 : 1)),
    work: [...work].map(([table, kind]) => ({ table, work: kind })).sort((a, b) => (a.table < b.table ? -1 : 1)),
  };
}

/** A partition is part of a table, and new ones come while a plan waits for its approval. */
function wholeOf(table: string, view: CatalogView): string {
  const { state } = view;
  const parent = state.tables.get(table)?.parent;
  if (!parent || state.tables.get(parent)?.kind !== 'partitioned table') return table;
  return wholeOf(parent, view);
}

/** Sizes of the tables that impacts name, as far as they are known. */
export function touchedByImpacts(impacts: readonly MigrationImpact[], { state }: CatalogView): readonly TouchedTable[] {
  const names = new Set(impacts.flatMap(({ locks, work }) => [...locks, ...work].map(({ table }) => table)));
  return [...names].flatMap((table) => {
    const known = state.tables.get(table);
    return known ? [{ table, rows: known.rows, bytes: known.bytes }] : [];
  });
}
