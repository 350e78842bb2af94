/**
 * Looks for the history tables of other tools: by their names and columns, in the schemas where they may be. It reads the
 * catalog only, never a row.
 */
import pg from 'pg';
import { ProblemError } from '../../model/problem.ts';
import { drizzleHistory } from './histories/drizzle.ts';
import { flywayHistory } from './histories/flyway.ts';
import { golangMigrateHistory } from './histories/golang-migrate.ts';
import { gooseHistory } from './histories/goose.ts';
import { graphileMigrateHistory } from './histories/graphile-migrate.ts';
import { nodePgMigrateHistory } from './histories/node-pg-migrate.ts';
import { prismaHistory } from './histories/prisma.ts';
import { refineryHistory, sqlxHistory } from './histories/sqlx.ts';
import { ternHistory } from './histories/tern.ts';
import { dbmateHistory, railsHistory } from './histories/version-list.ts';
import type { Ask, FoundTable, HistoryFormat, Tool } from './history.ts';

const HISTORIES: Readonly<Record<Tool, HistoryFormat>> = {
  'golang-migrate': golangMigrateHistory,
  dbmate: dbmateHistory,
  goose: gooseHistory,
  flyway: flywayHistory,
  tern: ternHistory,
  'node-pg-migrate': nodePgMigrateHistory,
  prisma: prismaHistory,
  drizzle: drizzleHistory,
  'graphile-migrate': graphileMigrateHistory,
  sqlx: sqlxHistory,
  refinery: refineryHistory,
  rails: railsHistory,
};

/** Schemas that tools make for their history alone. */
const OWN_SCHEMAS = ['drizzle', 'graphile_migrate'];

export interface FoundHistory {
  readonly format: HistoryFormat;
  readonly table: FoundTable;
}

export interface Search {
  /** Where to look besides `public` and the schemas that tools make for themselves. */
  readonly schemas: readonly string[];
  /** Only this tool's. */
  readonly from?: Tool;
  /** Only this table, as SQL writes it: `ops.history`. */
  readonly history?: string;
}

/** Errors: `history-unknown`, where the table that was named is not there or of no tool that is known. */
export async function findHistories(ask: Ask, search: Search): Promise<readonly FoundHistory[]> {
  const formats = search.from ? [HISTORIES[search.from]] : Object.values(HISTORIES);
  const tables = await tablesFor(ask, search, formats);
  const besideRails = new Set(tables.filter(({ name }) => name === 'ar_internal_metadata').map(({ schema }) => schema));
  const found = tables.flatMap((table) => {
    const named = formats.filter((format) => search.history || format.tables.includes(table.name));
    return named.filter((format) => format.fits(table)).map((format) => ({ format, table }));
  });
  const meant = search.from ? found : found.filter((one) => isLikely(one, besideRails, search));
  if (search.history && meant.length === 0) throw unknown(search);
  return meant;
}

/** Of tools whose tables look the same, the one that the surroundings speak for. */
function isLikely({ format, table }: FoundHistory, besideRails: ReadonlySet<string>, { history }: Search): boolean {
  if (format.tool === 'rails') return besideRails.has(table.schema);
  if (format.tool === 'dbmate') return !besideRails.has(table.schema) && !isNumber(table);
  return !(format.tool === 'tern' && history) || isNumber(table);
}

/** tern's only column is a number, dbmate's a text. */
function isNumber({ types }: FoundTable): boolean {
  return types[0] === 'int4';
}

async function tablesFor(
  ask: Ask,
  { schemas, history }: Search,
  formats: readonly HistoryFormat[],
): Promise<FoundTable[]> {
  const where = history ? 'c.oid = to_regclass($1)' : `c.relname = any ($1) and n.nspname = any ($2)`;
  const names = [...formats.flatMap(({ tables }) => tables), 'ar_internal_metadata'];
  const rows = await ask<Omit<FoundTable, 'quoted'>>(
    `select n.nspname as schema, c.relname as name, array_agg(a.attname::text order by a.attname) as columns,
            array_agg(t.typname::text order by a.attname) as types
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       join pg_type t on t.oid = a.atttypid
      where c.relkind in ('r', 'p') and ${where}
      group by 1, 2 order by 1, 2`,
    history ? [history] : [names, [...new Set(['public', ...OWN_SCHEMAS, ...schemas])]],
  );
  return rows.map((row) => ({ ...row, quoted: `${pg.escapeIdentifier(row.schema)}.${pg.escapeIdentifier(row.name)}` }));
}

function unknown({ history, from }: Search): ProblemError {
  return new ProblemError({
    code: 'history-unknown',
    message: `${history} is no history of ${from ?? 'a migration tool that is known'}`,
    found: 'no table of that name, or one with other columns',
    expected: 'the table in which that tool keeps what it applied, such as public.flyway_schema_history',
    next: 'correct --history <schema.table>, or use `baseline` where there is no history',
  });
}
