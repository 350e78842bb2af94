/**
 * Which tables, columns and rows a mirror makes disappear, found by looking: the catalog and the transaction's own counters
 * before and after it was run in a savepoint that is taken back. That way also what a DO block, a trigger, a CASCADE or a
 * schema's drop takes along is seen. Pure but for its SQL.
 */
import { losesValues } from './lossy-types.ts';

/** A table as the catalog has it at one moment. */
export interface TableSnapshot {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** `p`: its rows are in its partitions. `S`: a sequence, whose position is its only row. */
  readonly relkind: 'r' | 'p' | 'S';
  /** The topmost table where it is a partition, else null. */
  readonly rootOid: string | null;
  /** Of a sequence: the table whose column it counts for, else null. */
  readonly ownerOid: string | null;
  /** `number:type` of its stored columns: numbers are never given twice within a table. Generated ones are not among them. */
  readonly columns: readonly string[];
  /** Another one: the table was emptied, or written anew. */
  readonly filenode: string;
  /** In bytes, where its catalog row may be of this transaction; else null. */
  readonly size: number | null;
  /** Rows that this transaction deleted and updated. */
  readonly changes: number;
}

/** A table whose rows would be lost, or a sequence whose position would. */
export interface LostTable {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly relkind: 'r' | 'p' | 'S';
  /**
   * `dropped`: the table itself goes. `rows`: it stays, some of its rows go or change. `columns`: values of some columns go.
   * `retyped`: some columns become of a type that may not hold their values.
   */
  readonly how: 'dropped' | 'rows' | 'columns' | 'retyped';
  /** Numbers of those columns; none otherwise. */
  readonly lostColumns: readonly number[];
}

/** The name of the column by which the result is found among those of other statements. */
export const SNAPSHOT_MARK = 'drydock_tables';

/** One row, one column: all tables and sequences of users as JSON. Temporary ones are left out. */
export const SNAPSHOT_SQL = `select coalesce(json_agg(json_build_object(
    'oid', c.oid::text, 'schema', n.nspname, 'name', c.relname, 'relkind', c.relkind,
    'rootOid', case when c.relispartition then pg_partition_root(c.oid)::oid::text end,
    'ownerOid', case when c.relkind = 'S' then (select d.refobjid::text from pg_depend d where d.classid = 'pg_class'::regclass
                  and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') limit 1) end,
    'columns', (select coalesce(json_agg(a.attnum || ':' || format_type(a.atttypid, a.atttypmod)), '[]') from pg_attribute a
                 where a.attrelid = c.oid and c.relkind <> 'S' and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''),
    'filenode', c.relfilenode::text,
    'size', case when c.relkind = 'r' and age(c.xmin) <= age(pg_current_xact_id()::xid) then pg_relation_size(c.oid) end,
    'changes', pg_stat_get_xact_tuples_deleted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid))), '[]') as ${SNAPSHOT_MARK}
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'S') and c.relpersistence <> 't'
   and n.nspname <> 'information_schema' and n.nspname !~ '^pg_';`;

/**
 * Tables that are gone, and tables that lost columns or rows. `spared` is the ledger. A partition whose root goes too, or
 * loses the same columns, is left out: its rows are saved with the root. So is a sequence that goes with its table.
 */
export function lostTables(
  before: readonly TableSnapshot[],
  after: readonly TableSnapshot[],
  spared: { readonly schema: string; readonly name: string },
): LostTable[] {
  const earlier = new Map(before.map((table) => [table.oid, table]));
  const later = new Map(after.map((table) => [table.oid, table]));
  const isSpared = (table: TableSnapshot) => table.schema === spared.schema && table.name === spared.name;
  const goesWith = (oid: string | null) => oid !== null && earlier.has(oid) && !later.has(oid);
  return before.flatMap((table): LostTable[] => {
    if (isSpared(table) || goesWith(table.rootOid) || goesWith(table.ownerOid)) return [];
    const now = later.get(table.oid);
    if (!now) return [lost(table, 'dropped')];
    if (losesRows(table, now)) return [lost(table, 'rows')];
    const { columns, how } = lostColumns(table, now);
    const root = table.rootOid === null ? undefined : earlier.get(table.rootOid);
    const withRoot = root !== undefined && lostColumns(root, later.get(root.oid)!).columns.length > 0;
    return columns.length === 0 || withRoot ? [] : [lost(table, how, columns)];
  });
}

function lost({ oid, schema, name, relkind }: TableSnapshot, how: LostTable['how'], columns: number[] = []): LostTable {
  return { oid, schema, name, relkind, how, lostColumns: columns };
}

/** A file of its own that has nothing in it was truncated; one that is otherwise the same table is not trusted either. */
function losesRows(before: TableSnapshot, now: TableSnapshot): boolean {
  if (before.relkind === 'S') return false;
  if (now.changes > before.changes) return true;
  if (before.relkind !== 'r' || now.filenode === before.filenode) return false;
  return now.size === 0 || now.columns.join() === before.columns.join();
}

/**
 * Gone, or of a type that does not hold all that was in it. A wider type in a table that was written anew is not trusted: USING
 * may have given any values.
 */
function lostColumns(before: TableSnapshot, now: TableSnapshot): { columns: number[]; how: 'columns' | 'retyped' } {
  const types = new Map(now.columns.map(numberAndType));
  const isWrittenAnew = now.filenode !== before.filenode;
  const lossy = before.columns.map(numberAndType).flatMap(([number, type]) => {
    const newType = types.get(number);
    if (newType === undefined || losesValues(type, newType)) return [number];
    return isWrittenAnew && newType !== type ? [number] : [];
  });
  return { columns: lossy, how: lossy.some((number) => types.has(number)) ? 'retyped' : 'columns' };
}

function numberAndType(column: string): [number: number, type: string] {
  const at = column.indexOf(':');
  return [Number(column.slice(0, at)), column.slice(at + 1)];
}
