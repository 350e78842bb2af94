/** Views for lint: tables that earlier plans have made count as in use, and tables that no file makes are remembered once they are named. */
import type { RangeVar } from 'libpg-query';
import { newKey, viewOf } from '../effects/catalog-state.ts';
import type { CatalogTable, CatalogView } from '../effects/catalog-view.ts';
import { LayeredMap } from '../effects/layered-map.ts';
import type { SqlStatement } from '../sql-statement.ts';
import { nameOf } from '../statement-kinds.ts';

/** Every table that is known is one that others use, whoever made it. */
export function settled(view: CatalogView): CatalogView {
  const tables = new Map<string, CatalogTable>();
  for (const table of view.state.tables.values()) tables.set(table.name, inUse(table));
  return viewOf({ ...view.state, tables: LayeredMap.of(tables) });
}

function inUse(table: CatalogTable): CatalogTable {
  return table.origin === 'target' ? table : { ...table, origin: 'target', rows: null };
}

/**
 * Without a database, a table that an ALTER TABLE or CREATE INDEX names and nobody has made: from here on it is known to be
 * there, with nothing in it that was not said, so that a constraint added by one file is found by the next.
 */
export function withNamedTable(view: CatalogView, { node }: Pick<SqlStatement, 'node'>): CatalogView {
  const named =
    'AlterTableStmt' in node && node.AlterTableStmt.objtype === 'OBJECT_TABLE'
      ? node.AlterTableStmt.relation
      : undefined;
  const relation = 'IndexStmt' in node ? node.IndexStmt.relation : named;
  if (view.source !== 'files' || !relation || view.table(nameOf(relation))) return view;
  const table = unknownTable(newKey(nameOf(relation), view.searchPath), relation);
  return viewOf({ ...view.state, tables: view.state.tables.with(table.name, table) });
}

function unknownTable(name: string, { relpersistence }: RangeVar): CatalogTable {
  return {
    name,
    kind: 'table',
    origin: relpersistence === 't' ? 'plan' : 'target',
    rows: null,
    bytes: 0,
    columns: [],
    foreignKeys: [],
    indexes: [],
    constraints: [],
    partitions: [],
    parent: null,
    referencedBy: [],
    defaultPartition: null,
    reads: [],
    readBy: [],
    triggers: [],
    statistics: [],
  };
}
