/** Locks tables against writers and counts what is in them, inside the transaction that is about to drop them. */
import pg from 'pg';
import type { SavedTable } from './events.ts';
import type { LostTable } from './lost-tables.ts';
import { rowsOf, send, type Work } from './work.ts';

/** `"communication"."messages"`. */
export function quotedTable({ schema, name }: Pick<LostTable, 'schema' | 'name'>): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/** Readers go on; nobody can add a row that would be dropped unsaved. Errors: the driver's own, on a lock timeout too. */
export async function lockAgainstWriters(work: Work, tables: readonly LostTable[]): Promise<void> {
  if (tables.length === 0) return;
  await send(work, `lock table ${tables.map(quotedTable).join(', ')} in exclusive mode`);
}

/** Only the tables that hold rows. Row security may not hide any: where it would, the count fails. */
export async function countRows(work: Work, tables: readonly LostTable[]): Promise<(LostTable & SavedTable)[]> {
  if (tables.length === 0) return [];
  const counts = tables.map(
    (table, index) => `select ${index} as at, count(*)::text as rows from ${quotedTable(table)}`,
  );
  await send(work, 'set local row_security = off');
  const rows = await rowsOf<{ at: number; rows: string }>(work, counts.join(' union all '));
  return rows
    .filter((row) => row.rows !== '0')
    .sort((a, b) => a.at - b.at)
    .map((row) => {
      const table = tables[row.at]!;
      return { ...table, table: `${table.schema}.${table.name}`, rows: Number(row.rows) };
    });
}

/** Tables that DELETE and TRUNCATE name, as far as they exist. */
export async function tablesNamed(work: Work, names: readonly string[]): Promise<LostTable[]> {
  if (names.length === 0) return [];
  const rows = await rowsOf<Omit<LostTable, 'how'>>(
    work,
    `select distinct c.oid::text, n.nspname::text as schema, c.relname::text as name, c.relkind
       from unnest($1::text[]) as named (name) join pg_class c on c.oid = to_regclass(named.name)
       join pg_namespace n on n.oid = c.relnamespace`,
    [names],
  );
  return rows.map((row) => ({ ...row, how: 'emptied' as const }));
}
