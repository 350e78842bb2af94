/**
 * Which tables and columns a mirror makes disappear, found by looking: the catalog before and after it was run in a savepoint
 * that is taken back. That way also what a DO block, a CASCADE or a schema's drop takes along is seen. Pure but for its SQL.
 */

/** A table as the catalog has it at one moment. */
export interface TableSnapshot {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** `p`: its rows are in its partitions. */
  readonly relkind: 'r' | 'p';
  /** The topmost table where it is a partition, else null. */
  readonly rootOid: string | null;
  /** Numbers of its columns: they are never given twice within a table. */
  readonly columns: readonly number[];
}

/** A table whose rows would be lost. */
export interface LostTable {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly relkind: 'r' | 'p';
  /** `dropped`: the table itself goes. `emptied`: it stays, without some columns or rows. */
  readonly how: 'dropped' | 'emptied';
}

/** The name of the column by which the result is found among those of other statements. */
export const SNAPSHOT_MARK = 'drydock_tables';

/** One row, one column: all tables of users as JSON. Temporary tables are left out. */
export const SNAPSHOT_SQL = `select coalesce(json_agg(json_build_object(
    'oid', c.oid::text, 'schema', n.nspname, 'name', c.relname, 'relkind', c.relkind,
    'rootOid', case when c.relispartition then pg_partition_root(c.oid)::oid::text end,
    'columns', (select coalesce(json_agg(a.attnum), '[]') from pg_attribute a
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))), '[]') as ${SNAPSHOT_MARK}
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and c.relpersistence <> 't'
   and n.nspname <> 'information_schema' and n.nspname !~ '^pg_';`;

/**
 * Tables that are gone and tables that lost columns. `spared` is the ledger. A partition whose root goes too is left out: its
 * rows are saved with the root.
 */
export function lostTables(
  before: readonly TableSnapshot[],
  after: readonly TableSnapshot[],
  spared: { readonly schema: string; readonly name: string },
): LostTable[] {
  const later = new Map(after.map((table) => [table.oid, table]));
  const isSpared = (table: TableSnapshot) => table.schema === spared.schema && table.name === spared.name;
  return before.flatMap((table): LostTable[] => {
    const now = later.get(table.oid);
    const rootGoes = table.rootOid !== null && !later.has(table.rootOid);
    if (isSpared(table) || rootGoes) return [];
    const { oid, schema, name, relkind } = table;
    if (!now) return [{ oid, schema, name, relkind, how: 'dropped' }];
    const lostColumn = table.columns.some((column) => !now.columns.includes(column));
    return lostColumn ? [{ oid, schema, name, relkind, how: 'emptied' }] : [];
  });
}
