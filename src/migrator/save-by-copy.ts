/**
 * Saves rows by COPY into one self-contained script, `restore.sql`, which psql puts back as the owner of the tables: with their
 * own triggers off, because those may refuse rows that are not new.
 */
import { createWriteStream } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import copyStreams from 'pg-copy-streams';
import type { SavedTable } from './events.ts';
import { quotedTable } from './lost-rows.ts';
import type { LostTable } from './lost-tables.ts';
import { syncPath } from './save-directory.ts';
import { describeTables, inOrderOfReference, type SavedShape } from './saved-shape.ts';
import type { Work } from './work.ts';

export interface TablesToSave {
  readonly tables: readonly (LostTable & SavedTable)[];
  readonly directory: string;
}

/** Errors: the driver's own and the file system's. */
export async function saveByCopy(work: Work, { tables, directory }: TablesToSave): Promise<void> {
  const file = path.join(directory, 'restore.sql');
  const shapes = inOrderOfReference(await describeTables(work, tables));
  await appendFile(file, header(tables), { mode: 0o600 });
  for (const shape of shapes) {
    await appendFile(file, beforeRows(shape));
    const sql = `copy (select ${columnList(shape)} from ${quotedTable(shape)}) to stdout`;
    const rows = work.session.client.query(copyStreams.to(sql));
    await pipeline(rows, createWriteStream(file, { flags: 'a' }), work.signal ? { signal: work.signal } : {});
    await appendFile(file, '\\.\n\n');
  }
  await appendFile(file, footer(shapes));
  await syncPath(file);
}

function header(tables: TablesToSave['tables']): string {
  const list = tables.map(
    ({ table, rows, how }) =>
      `--   ${table}: ${rows} rows${how === 'emptied' ? ', into a table of their own beside it' : ''}`,
  );
  return [
    '-- Rows saved by Drydock before a rollback dropped them:',
    ...list,
    '-- To put them back, migrate until the tables are there again and empty, then run:',
    '--   psql "$URL" -f restore.sql',
    '\\set ON_ERROR_STOP on',
    'begin;',
    "set local client_encoding = 'UTF8';",
    '',
    '',
  ].join('\n');
}

/** Where the rows go back to: the table, or one beside it where the table stayed and has rows of its own. */
function destination(shape: SavedShape): string {
  return shape.how === 'dropped' ? quotedTable(shape) : quotedTable({ ...shape, name: `${shape.name}_saved` });
}

function beforeRows(shape: SavedShape): string {
  const target = destination(shape);
  const columns = shape.columns.map((column) => `${pg.escapeIdentifier(column.name)} ${column.type}`).join(', ');
  const prepare =
    shape.how === 'dropped' ? `alter table ${target} disable trigger user;` : `create table ${target} (${columns});`;
  return `${prepare}\ncopy ${target} (${columnList(shape)}) from stdin;\n`;
}

function footer(shapes: readonly SavedShape[]): string {
  const dropped = shapes.filter((shape) => shape.how === 'dropped');
  return [
    // Deferred constraints are checked now: a table with checks outstanding cannot be altered.
    'set constraints all immediate;',
    ...dropped.map((shape) => `alter table ${destination(shape)} enable trigger user;`),
    ...dropped.flatMap(setSequences),
    'commit;',
    '',
  ].join('\n');
}

function setSequences(shape: SavedShape): string[] {
  const table = quotedTable(shape);
  return shape.columns
    .filter((column) => column.hasSequence)
    .map((column) => {
      const sequence = `pg_get_serial_sequence(${pg.escapeLiteral(table)}, ${pg.escapeLiteral(column.name)})`;
      return `select setval(${sequence}, max(${pg.escapeIdentifier(column.name)})) from ${table};`;
    });
}

function columnList(shape: SavedShape): string {
  return shape.columns.map((column) => pg.escapeIdentifier(column.name)).join(', ');
}
