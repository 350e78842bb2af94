/** The tables of the target that statements lock, scan or rewrite, with their sizes: each once. */
import type { StatementEffects, TouchedTable } from '../../model/statement-effects.ts';
import type { CatalogView } from './catalog-view.ts';

/** Tables, partitioned ones too, and materialized views that are there before the plan. */
export function touchedBy({ locks, work }: StatementEffects, view: CatalogView): readonly TouchedTable[] {
  const names = new Set([...locks, ...work].map(({ table }) => table));
  return [...names].flatMap((table) => {
    const known = view.state.tables.get(table);
    const hasRows = known && known.kind !== 'view' && known.kind !== 'foreign table';
    return hasRows && known.origin === 'target' ? [{ table, rows: known.rows, bytes: known.bytes }] : [];
  });
}

/** In the order in which they come first. */
export function mergeTouched(lists: readonly (readonly TouchedTable[])[]): readonly TouchedTable[] {
  return [...new Map(lists.flat().map((one) => [one.table, one])).values()];
}
