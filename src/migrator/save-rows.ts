/**
 * Writes the rows of tables into a directory of their own before they are lost, by pg_dump where one fits and by COPY
 * otherwise, and returns only once they are on the disk.
 */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../model/problem.ts';
import { interrupted } from '../postgres/clock.ts';
import type { MigrationRef, SavedTable } from './events.ts';
import type { CountedLoss } from './lost-rows.ts';
import { findPgDump } from './pg-dump.ts';
import { fullName } from './plan-problems.ts';
import { RESTORE_FILE, saveByCopy } from './save-by-copy.ts';
import { DUMP_FILE, saveByDump } from './save-by-dump.ts';
import { finalName, finishSaveDirectory, makeSaveDirectory, syncPath } from './save-directory.ts';
import type { Work } from './work.ts';

export interface RowsToSave {
  readonly tables: readonly CountedLoss[];
  /** Names the directory. */
  readonly migration: MigrationRef;
  /** `block`: one that commits by itself, begun when they are saved and nothing is locked any more. */
  readonly lostBy: 'transaction' | 'block';
}

export interface SavedRows {
  /** Absolute. */
  readonly directory: string;
  readonly method: 'pg_dump' | 'copy';
  /** The exact command that puts them back. */
  readonly restore: string;
}

/** The tables are locked against writers by the caller's transaction. Errors: `rows-not-saved`, `interrupted`. */
export async function saveRows(work: Work, { tables, migration, lostBy }: RowsToSave): Promise<SavedRows> {
  let unfinished: string | undefined;
  try {
    unfinished = await makeSaveDirectory(work, migration);
    const about = aboutRows({ tables, migration, lostBy });
    const method = await save(work, { tables, directory: unfinished, about });
    const directory = finalName(unfinished);
    const restore = restoreCommand(directory, method);
    await writeReadme(unfinished, [...about, '', ...howTo(method, restore)]);
    await finishSaveDirectory(unfinished);
    return { directory, method, restore };
  } catch (error) {
    // Half of it is of no use, and the disk may be full.
    if (unfinished !== undefined) await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    if (work.signal?.aborted) throw interrupted();
    throw notSaved(work, error);
  }
}

async function save(work: Work, plan: Parameters<typeof saveByCopy>[1]): Promise<SavedRows['method']> {
  // A dump cannot be put beside a table that stays, and of a partitioned table it holds no rows.
  const fitsDump = plan.tables.every((table) => table.how === 'dropped' && table.relkind === 'r');
  const program = fitsDump ? await findPgDump(Math.floor(work.session.serverVersion / 10_000)) : undefined;
  if (program && (await saveByDump(work, { ...plan, program })) === 'saved') return 'pg_dump';
  await saveByCopy(work, plan);
  return 'copy';
}

function restoreCommand(directory: string, method: SavedRows['method']): string {
  const file = (name: string) => shellQuoted(path.join(directory, name));
  return method === 'copy'
    ? `psql "$URL" --no-psqlrc -f ${file(RESTORE_FILE)}`
    : `pg_restore --data-only --disable-triggers --single-transaction --exit-on-error --dbname "$URL" ${file(DUMP_FILE)}`;
}

/** As a shell reads one word. */
function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function aboutRows({ tables, migration, lostBy }: RowsToSave): string[] {
  return [
    `Rows saved by Drydock before rolling back ${fullName(migration)} lost them:`,
    ...tables.map((one) => `  ${lineOf(one)}`),
    ...(lostBy === 'block'
      ? ['A block that commits by itself took them: what others wrote while it ran is not here.']
      : []),
  ].map((line) => line.replace(/[\r\n]/g, ' '));
}

function lineOf({ table, rows, columns, how, relkind }: SavedTable & Pick<CountedLoss, 'how' | 'relkind'>): string {
  if (relkind === 'S') return `${table}: the position of the sequence`;
  const count = `${rows} ${rows === 1 ? 'row' : 'rows'}`;
  if (how === 'columns' || how === 'retyped') return `${table}: ${count} with a value in ${(columns ?? []).join(', ')}`;
  return how === 'rows' ? `${table}: ${count}, put into a table of their own beside it` : `${table}: ${count}`;
}

function howTo(method: SavedRows['method'], restore: string): string[] {
  const who = method === 'copy' ? 'as the owner of the tables' : 'as a superuser';
  const more =
    method === 'copy'
      ? ['It is one transaction: where it fails, nothing is put back, and it can be run again.']
      : [`The dump also holds the definitions of the tables: pg_restore --list ${DUMP_FILE}`];
  return [`To put them back, migrate until what was dropped is there again, then run ${who}:`, `  ${restore}`, ...more];
}

async function writeReadme(directory: string, lines: readonly string[]): Promise<void> {
  const file = path.join(directory, 'README.txt');
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  await syncPath(file);
}

function notSaved(work: Work, error: unknown): ProblemError {
  return new ProblemError(
    {
      code: 'rows-not-saved',
      message: 'the rows that the rollback would drop could not be saved, so nothing was dropped',
      found: error instanceof Error ? error.message : String(error),
      expected: `room and the right to write below ${work.saveDirectory}`,
      next: 'make room there, or run the same command with --allow-data-loss to drop the rows unsaved',
    },
    { cause: error },
  );
}
