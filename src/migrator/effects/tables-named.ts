/** The tables that a query names, without the names that its WITH gives. */
import type { CommonTableExpr, RangeVar } from 'libpg-query';
import type { ObjectName } from '../statement-kinds.ts';
import { nameOf } from './catalog-names.ts';

export function tablesNamedIn(tree: unknown): ObjectName[] {
  const found = { tables: [] as ObjectName[], given: new Set<string>() };
  collect(tree, found);
  return found.tables.filter(({ schema, name }) => schema !== null || !found.given.has(name));
}

function collect(tree: unknown, found: { tables: ObjectName[]; given: Set<string> }): void {
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, value] of Object.entries(tree)) {
    if (key === 'RangeVar') found.tables.push(nameOf(value as RangeVar));
    if (key === 'CommonTableExpr') found.given.add((value as CommonTableExpr).ctename ?? '');
    collect(value, found);
  }
}
