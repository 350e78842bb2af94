/** Locks tables against writers and counts what would be lost of them, inside the transaction that is about to do it. */
import pg from 'pg';
import { ProblemError } from '../model/problem.ts';
import { driverErrorOf, sqlstateOf } from '../postgres/sqlstate.ts';
import type { SavedTable } from './events.ts';
import type { LostTable } from './lost-tables.ts';
import { rowsOf, send, type Work } from './work.ts';

/** A table of which something would be lost, with how much. */
export interface CountedLoss extends LostTable, SavedTable {
  /** A condition for the rows that are concerned; null: all. */
  readonly where: string | null;
}

/** `"communication"."messages"`. */
export function quotedTable({ schema, name }: Pick<LostTable, 'schema' | 'name'>): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/** Its own rows only: those of tables that inherit from it are counted and saved with them. */
export function rowsFrom(table: Pick<LostTable, 'schema' | 'name' | 'relkind'>): string {
  return table.relkind === 'r' ? `only ${quotedTable(table)}` : quotedTable(table);
}

/** Readers go on; nobody can add a row that would be lost unsaved. Errors: the driver's own, on a lock timeout too. */
export async function lockAgainstWriters(work: Work, tables: readonly LostTable[]): Promise<void> {
  const named = tables.filter(({ relkind }) => relkind !== 'S').map(quotedTable);
  if (named.length === 0) return;
  await send(work, `lock table ${named.join(', ')} in exclusive mode`);
}

/**
 * Only the tables that hold something that would be lost. Row security may not hide any: where it would, the count fails.
 * Errors: `rows-hidden`, and the driver's own.
 */
export async function countRows(work: Work, tables: readonly LostTable[]): Promise<CountedLoss[]> {
  if (tables.length === 0) return [];
  const names = await columnNames(work, tables);
  const named = tables.map((table) => {
    const columns = table.lostColumns.map((number) => names.get(`${table.oid} ${number}`)!);
    const filled = conditionFor(columns);
    // A new type may also be given to what has no value.
    return {
      ...table,
      ...(columns.length > 0 ? { columns } : {}),
      filled,
      where: table.how === 'retyped' ? null : filled,
    };
  });
  const counts = named.map(
    (table, index) => `select ${index} as at, ${countOf(table)} as rows from ${rowsFrom(table)}`,
  );
  const rows = await countAll(work, counts);
  return rows
    .filter((row) => row.rows !== '0')
    .map((row) => {
      const { filled: _, ...table } = named[row.at]!;
      return { ...table, table: `${table.schema}.${table.name}`, rows: Number(row.rows) };
    })
    .sort((a, b) => (a.table < b.table ? -1 : a.table > b.table ? 1 : 0));
}

async function countAll(work: Work, counts: readonly string[]): Promise<{ at: number; rows: string }[]> {
  await send(work, 'set local row_security = off');
  try {
    return await rowsOf<{ at: number; rows: string }>(work, counts.join(' union all '));
  } catch (error) {
    if (sqlstateOf(driverErrorOf(error)) !== '42501') throw error;
    throw rowsHidden(error);
  }
}

/** A sequence that was never asked has no position to lose. */
function countOf({
  relkind,
  filled,
}: {
  readonly relkind: LostTable['relkind'];
  readonly filled: string | null;
}): string {
  if (relkind === 'S') return `(count(*) filter (where is_called))::text`;
  return filled === null ? 'count(*)::text' : `(count(*) filter (where ${filled}))::text`;
}

function conditionFor(columns: readonly string[]): string | null {
  if (columns.length === 0) return null;
  return columns.map((column) => `${pg.escapeIdentifier(column)} is not null`).join(' or ');
}

async function columnNames(work: Work, tables: readonly LostTable[]): Promise<ReadonlyMap<string, string>> {
  const wanted = tables.filter(({ lostColumns }) => lostColumns.length > 0).map(({ oid }) => oid);
  if (wanted.length === 0) return new Map();
  const rows = await rowsOf<{ key: string; name: string }>(
    work,
    `select attrelid || ' ' || attnum as key, attname::text as name from pg_attribute where attrelid = any ($1::oid[]) and attnum > 0`,
    [wanted],
  );
  return new Map(rows.map(({ key, name }) => [key, name]));
}

/** Tables that DELETE and TRUNCATE name, as far as they exist. */
export async function tablesNamed(work: Work, names: readonly string[]): Promise<LostTable[]> {
  if (names.length === 0) return [];
  const rows = await rowsOf<Omit<LostTable, 'how' | 'lostColumns'>>(
    work,
    `select distinct c.oid::text, n.nspname::text as schema, c.relname::text as name, c.relkind
       from unnest($1::text[]) as named (name) join pg_class c on c.oid = to_regclass(named.name)
       join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p')`,
    [names],
  );
  return rows.map((row) => ({ ...row, how: 'rows' as const, lostColumns: [] }));
}

function rowsHidden(error: unknown): ProblemError {
  const cause = driverErrorOf(error);
  return new ProblemError(
    {
      code: 'rows-hidden',
      message: 'the rows that the rollback would drop cannot all be seen, so nothing was dropped',
      found: cause instanceof Error ? cause.message : String(cause),
      expected: 'a role that may read every row of these tables: their owner, or one with BYPASSRLS',
      next: 'run the same command with the URL of such a role',
    },
    { cause: error },
  );
}
