/**
 * Writes the rows of tables into a directory of their own before the tables are dropped, by pg_dump where one fits and by COPY
 * otherwise, and returns only once they are on the disk.
 */
import { ProblemError } from '../model/problem.ts';
import { interrupted } from '../postgres/clock.ts';
import type { MigrationRef, SavedTable } from './events.ts';
import type { LostTable } from './lost-tables.ts';
import { findPgDump } from './pg-dump.ts';
import { saveByCopy } from './save-by-copy.ts';
import { saveByDump } from './save-by-dump.ts';
import { makeSaveDirectory, syncDirectory } from './save-directory.ts';
import type { Work } from './work.ts';

export interface RowsToSave {
  readonly tables: readonly (LostTable & SavedTable)[];
  /** Names the directory. */
  readonly migration: MigrationRef;
}

export interface SavedRows {
  /** Absolute. */
  readonly directory: string;
  readonly method: 'pg_dump' | 'copy';
}

/** The tables are locked against writers by the caller's transaction. Errors: `rows-not-saved`, `interrupted`. */
export async function saveRows(work: Work, { tables, migration }: RowsToSave): Promise<SavedRows> {
  try {
    const directory = await makeSaveDirectory(work, migration);
    const method = await save(work, tables, directory);
    await syncDirectory(directory);
    return { directory, method };
  } catch (error) {
    if (work.signal?.aborted) throw interrupted();
    throw notSaved(work, error);
  }
}

async function save(work: Work, tables: RowsToSave['tables'], directory: string): Promise<SavedRows['method']> {
  // A dump cannot be put beside a table that stays, and of a partitioned table it holds no rows.
  const fitsDump = tables.every((table) => table.how === 'dropped' && table.relkind === 'r');
  const program = fitsDump ? await findPgDump(Math.floor(work.session.serverVersion / 10_000)) : undefined;
  if (program && (await saveByDump(work, { tables, directory, program })) === 'saved') return 'pg_dump';
  await saveByCopy(work, { tables, directory });
  return 'copy';
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
