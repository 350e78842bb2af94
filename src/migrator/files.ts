/**
 * Reads a directory of migrations, in golang-migrate's names or another tool's, and says everything that is wrong with it at
 * once. It does not look into the SQL and knows no database.
 */
import path from 'node:path';
import { ProblemError } from '../model/problem.ts';
import { fieldOf } from '../postgres/sqlstate.ts';
import type { NameRules } from './file-names.ts';
import { isRepeatable } from './repeatable-files.ts';
import type { DirectoryContents, FormatName, SourceFormat } from './sources/format.ts';
import { golangMigrate } from './sources/golang-migrate.ts';
import { type Listing, listDirectory } from './sources/listing.ts';
import { readAhead } from './sources/read-ahead.ts';
import type { SqlFile } from './sql-file.ts';

export type { RepeatableFile } from './repeatable-files.ts';
export type { DirectoryContents, FormatName } from './sources/format.ts';
export type { SqlFile } from './sql-file.ts';

export interface MigrationFile {
  /** As in the file name: `007`; or of several numbers, with dots: `1.2`. Compared by version-order.ts only. */
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

export interface MigrationDirectory extends NameRules {
  /** Relative to `root`, or absolute. */
  readonly directory: string;
  /** The checkout; paths are printed relative to it. */
  readonly root: string;
  /** Default `golang-migrate`. `auto` finds it out by names and markers, and refuses where two fit. */
  readonly format?: FormatName | 'auto';
  /** The file that the values of placeholders come from, for the way out where one is missing. Default: the command line. */
  readonly placeholdersIn?: string;
}

/** The numbered migrations of `readMigrations`, in order. Errors: the same. */
export async function readMigrationFiles(where: MigrationDirectory): Promise<readonly MigrationFile[]> {
  return (await readMigrations(where)).files;
}

/**
 * Everything in the directory; files that do not end in `.sql` are not looked at.
 * Errors: `migrations-directory-missing`, `migration-files-invalid` (every problem of the directory in `found`),
 * `migration-format-unknown`, `migration-format-ambiguous`.
 */
export async function readMigrations(where: MigrationDirectory): Promise<DirectoryContents> {
  const directory = path.resolve(where.root, where.directory);
  const shown = shownPath(where.root, directory);
  const listing = openListing(directory, shown);
  await readAhead(listing);
  const format = await formatOf(listing, where.format ?? 'golang-migrate');
  const { problems, ...read } = format.read(listing, where);
  if (problems.length > 0) throw invalid(shown, problems, expectedOf(format, where));
  const contents = { format: format.name, ...read };
  if (where.placeholders === undefined) return contents;
  const { fillAll } = await import('./fill-all.ts');
  return fillAll(contents, where.placeholders, where.placeholdersIn);
}

/** Loaded when another format is asked for: most directories are in golang-migrate's layout. */
async function formatOf(listing: Listing, wanted: FormatName | 'auto'): Promise<SourceFormat> {
  if (wanted === 'golang-migrate' || (wanted === 'auto' && isOnlyOurs(listing))) return golangMigrate;
  const { detectFormat, formatNamed } = await import('./sources/registry.ts');
  return wanted === 'auto' ? detectFormat(listing) : formatNamed(wanted);
}

/** Every .sql file is of golang-migrate's names: no other format need be asked. */
function isOnlyOurs({ names }: Listing): boolean {
  const sqlNames = names.filter((name) => name.endsWith('.sql') && !isRepeatable(name));
  return sqlNames.length > 0 && sqlNames.every((name) => /^\d+_.*\.(up|down)\.sql$/.test(name));
}

function openListing(directory: string, shown: string): Listing {
  try {
    return listDirectory(directory, shown);
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

function expectedOf({ layout }: SourceFormat, { numbers, mirrors }: NameRules): string {
  if (numbers !== 'any') return `numbers without a gap, each with ${layout}`;
  return mirrors === 'optional' ? `${layout}, each number once` : `each number once, with ${layout}`;
}

function invalid(shown: string, problems: readonly string[], expected: string): ProblemError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new ProblemError({
    code: 'migration-files-invalid',
    message: `${count} in ${shown}`,
    found: problems.join('\n'),
    expected,
    next: `correct the files in ${shown}, then run the same command again`,
  });
}

/** Relative to the root where it lies below it, with forward slashes everywhere. */
function shownPath(root: string, directory: string): string {
  const relative = path.relative(root, directory);
  const shown = relative.startsWith('..') || path.isAbsolute(relative) ? directory : relative || '.';
  return shown.split(path.sep).join('/');
}
