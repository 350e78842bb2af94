/**
 * Reads a directory of migrations in golang-migrate's names, `NNN_name.up.sql` with its mirror `NNN_name.down.sql`, and says
 * everything that is wrong with it at once. It does not look into the SQL and knows no database.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../model/problem.ts';
import { fieldOf } from '../postgres/sqlstate.ts';
import { type NamedFile, parseFileNames } from './file-names.ts';
import { readSqlFile, type SqlFile } from './sql-file.ts';

export type { SqlFile } from './sql-file.ts';

export interface MigrationFile {
  /** The digits of the file name, as written: `007`. */
  readonly version: string;
  readonly name: string;
  readonly up: SqlFile;
  /** Null where a directory that needs no mirrors has none for it. */
  readonly down: SqlFile | null;
}

/** A migration that can be taken back. */
export interface MirroredMigration extends MigrationFile {
  readonly down: SqlFile;
}

export interface MigrationDirectory {
  /** Relative to `root`, or absolute. */
  readonly directory: string;
  /** The checkout; paths are printed relative to it. */
  readonly root: string;
}

/**
 * All migrations in order of their numbers. Files that do not end in `.sql` are not looked at.
 * Errors: `migrations-directory-missing`, `migration-files-invalid` (every problem of the directory in `found`).
 */
export async function readMigrationFiles(where: MigrationDirectory): Promise<readonly MigrationFile[]> {
  const directory = path.resolve(where.root, where.directory);
  const shown = shownPath(where.root, directory);
  const names = await listDirectory(directory, shown);
  const { pairs, problems } = parseFileNames(names);
  const found = [...problems];
  const files: MigrationFile[] = [];
  for (const pair of pairs) {
    const up = await readOne(directory, shown, pair.up, found);
    const down = await readOne(directory, shown, pair.down, found);
    if (up && down) files.push({ version: pair.version, name: pair.name, up, down });
  }
  if (found.length > 0) throw invalid(shown, found);
  return files;
}

async function readOne(
  directory: string,
  shown: string,
  file: NamedFile | undefined,
  problems: string[],
): Promise<SqlFile | undefined> {
  if (!file) return undefined;
  const read = await readSqlFile(directory, file.fileName, shown);
  if (read.kind === 'read') return read.file;
  problems.push(`${file.fileName} ${read.what}`);
  return undefined;
}

async function listDirectory(directory: string, shown: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    throw new ProblemError({
      code: 'migrations-directory-missing',
      message: `the migrations directory ${shown} cannot be read`,
      found: fieldOf(error, 'code') ?? 'an unreadable directory',
      expected: 'a directory with NNN_name.up.sql and NNN_name.down.sql files',
      next: `create ${shown}, or correct migrations.directory in the runbook`,
    });
  }
}

function invalid(shown: string, problems: readonly string[]): ProblemError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new ProblemError({
    code: 'migration-files-invalid',
    message: `${count} in ${shown}`,
    found: problems.join('\n'),
    expected: 'numbers without a gap, each with NNN_name.up.sql and NNN_name.down.sql',
    next: `correct the files in ${shown}, then run the same command again`,
  });
}

/** Relative to the root where it lies below it, with forward slashes everywhere. */
function shownPath(root: string, directory: string): string {
  const relative = path.relative(root, directory);
  const shown = relative.startsWith('..') || path.isAbsolute(relative) ? directory : relative || '.';
  return shown.split(path.sep).join('/');
}
