/**
 * The SQL around saved rows: where each table's rows go back to, and what has to be done before and after. It is written for
 * psql, in one transaction, for the owner of the tables. Pure.
 */
import pg from 'pg';
import { quotedTable, rowsFrom } from './lost-rows.ts';
import type { LostTable } from './lost-tables.ts';
import { type SavedShape, waitingKeys } from './saved-shape.ts';

/** How the rows of a table come back. */
export type WayBack =
  /** Into the table, which migrating has made again. */
  | { readonly kind: 'into-table'; readonly columns: readonly string[] }
  /** Into the columns that migrating has made again, row by row of the primary key. */
  | { readonly kind: 'into-columns'; readonly columns: readonly string[]; readonly lost: readonly string[] }
  /** Into a new table beside it: it has rows of its own, and nobody knows which of them are the same. */
  | { readonly kind: 'beside'; readonly columns: readonly string[]; readonly name: string }
  /** The sequence goes on where it was. */
  | { readonly kind: 'position' };

/** The longest name that PostgreSQL keeps, in bytes. */
const NAME_BYTES = 63;
const SUFFIX = '_saved';

export function wayBack(shape: SavedShape): WayBack {
  const all = shape.stored.map(({ name }) => name);
  if (shape.relkind === 'S') return { kind: 'position' };
  if (shape.how === 'dropped') return { kind: 'into-table', columns: all };
  const lost = shape.columns ?? [];
  const settable = shape.stored.filter(({ name }) => lost.includes(name)).every(({ identity }) => identity !== 'a');
  const hasKey = shape.key.length > 0 && !shape.key.some((name) => lost.includes(name));
  if (['columns', 'retyped'].includes(shape.how) && hasKey && settable) {
    return { kind: 'into-columns', columns: [...shape.key, ...lost], lost };
  }
  return { kind: 'beside', columns: all, name: besideName(shape.name) };
}

function besideName(name: string): string {
  let kept = name;
  while (Buffer.byteLength(kept) + SUFFIX.length > NAME_BYTES) kept = kept.slice(0, -1);
  return `${kept}${SUFFIX}`;
}

/** The statement that reads what is saved of a table. */
export function copyOut(shape: SavedShape, columns: readonly string[]): string {
  const where = shape.where === null ? '' : ` where ${shape.where}`;
  return `copy (select ${list(columns)} from ${rowsFrom(shape)}${where}) to stdout`;
}

// As of pg_dump: what prints and reads texts must be the same on both sides, and must not depend on who restores.
export const TEXT_SETTINGS = [
  "set local client_encoding = 'UTF8';",
  "set local search_path = '';",
  "set local datestyle = 'ISO, YMD';",
  "set local intervalstyle = 'postgres';",
  "set local timezone = 'UTC';",
  "set local bytea_output = 'hex';",
  'set local extra_float_digits = 3;',
  "set local lc_monetary = 'C';",
  'set local xmloption = content;',
  'set local quote_all_identifiers = off;',
];

/** `lines` are comments. */
export function beginning(ordered: readonly SavedShape[], lines: readonly string[]): string {
  const waiting = waitingKeys(intoTables(ordered)).filter(({ key }) => !key.deferrable);
  return [
    ...lines.map((line) => `-- ${line}`.trimEnd()),
    '\\set ON_ERROR_STOP on',
    'begin;',
    ...TEXT_SETTINGS,
    'set local statement_timeout = 0;',
    'set local row_security = off;',
    ...waiting.map(({ shape, key }) => alterKey(shape, key.name, 'deferrable initially deferred')),
    ...(waitingKeys(intoTables(ordered)).length > 0 ? ['set constraints all deferred;'] : []),
    '',
    '',
  ].join('\n');
}

/** What comes before the rows of one table; `place` is its number among them. */
export function beforeRows(shape: SavedShape, way: Exclude<WayBack, { kind: 'position' }>, place: number): string {
  const typed = (columns: readonly string[]) =>
    columns
      .map((name) => `${pg.escapeIdentifier(name)} ${shape.stored.find((one) => one.name === name)!.type}`)
      .join(', ');
  const copy = (into: string) => `copy ${into} (${list(way.columns)}) from stdin;\n`;
  switch (way.kind) {
    case 'into-table':
      return `alter table ${quotedTable(shape)} disable trigger user;\n${copy(quotedTable(shape))}`;
    case 'into-columns':
      return `create temporary table ${temporary(place)} (${typed(way.columns)}) on commit drop;\n${copy(`pg_temp.${temporary(place)}`)}`;
    default: {
      const beside = quotedTable({ ...shape, name: way.name });
      return `create table ${beside} (${typed(way.columns)});\n${copy(beside)}`;
    }
  }
}

/** What comes after the rows of one table. */
export function afterRows(shape: SavedShape, way: WayBack, place: number): string {
  if (way.kind !== 'into-columns') return '';
  const set = way.lost.map((name) => `${pg.escapeIdentifier(name)} = saved.${pg.escapeIdentifier(name)}`).join(', ');
  const same = shape.key
    .map((name) => `own.${pg.escapeIdentifier(name)} = saved.${pg.escapeIdentifier(name)}`)
    .join(' and ');
  const table = quotedTable(shape);
  return [
    `alter table ${table} disable trigger user;`,
    `update ${rowsFrom(shape)} own set ${set} from pg_temp.${temporary(place)} saved where ${same};`,
    '',
  ].join('\n');
}

/** Where sequences were: by name, or by the column that takes its values from one. */
export interface Position {
  readonly sequence: string;
  readonly lastValue: string;
  readonly isCalled: boolean;
}

export function ending(ordered: readonly SavedShape[], positions: readonly Position[]): string {
  const changed = ordered.filter((shape) => ['into-table', 'into-columns'].includes(wayBack(shape).kind));
  const waiting = waitingKeys(intoTables(ordered)).filter(({ key }) => !key.deferrable);
  return [
    // Deferred constraints are checked now: a table with checks outstanding cannot be altered.
    'set constraints all immediate;',
    ...waiting.map(({ shape, key }) => alterKey(shape, key.name, 'not deferrable')),
    ...changed.map((shape) => `alter table ${quotedTable(shape)} enable trigger user;`),
    ...positions.map(
      ({ sequence, lastValue, isCalled }) => `select setval(${pg.escapeLiteral(sequence)}, ${lastValue}, ${isCalled});`,
    ),
    'commit;',
    '',
  ].join('\n');
}

function intoTables(ordered: readonly SavedShape[]): readonly SavedShape[] {
  return ordered.filter(({ how, relkind }) => how === 'dropped' && relkind !== 'S');
}

function alterKey(table: Pick<LostTable, 'schema' | 'name'>, name: string, how: string): string {
  return `alter table ${quotedTable(table)} alter constraint ${pg.escapeIdentifier(name)} ${how};`;
}

function temporary(place: number): string {
  return `drydock_saved_${place}`;
}

function list(columns: readonly string[]): string {
  return columns.map((name) => pg.escapeIdentifier(name)).join(', ');
}
