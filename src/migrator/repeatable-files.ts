/**
 * Migrations without a number, `R__name.sql`: run again whenever they have changed, after all numbered ones. Here is how they
 * are named and how the ledger spells them; whether one is to be run is decided in plan.ts.
 */
import type { MigrationFile } from './files.ts';
import type { SqlFile } from './sql-file.ts';

/** Its version is the whole name without the ending: `R__views`. It cannot be taken back, only replaced by the next one. */
export interface RepeatableFile extends MigrationFile {
  readonly down: null;
}

const PREFIX = 'R__';
const NAME = /^R__.+\.sql$/;

export function isRepeatable(fileName: string): boolean {
  // Asked of every file of a directory, and true of few.
  return fileName.startsWith(PREFIX) && NAME.test(fileName);
}

/** Whether a version, of a file or in a ledger, is that of a repeatable migration. */
export function isRepeatableVersion(version: string): boolean {
  return version.startsWith(PREFIX);
}

/** `fileName` without directories. */
export function repeatableFile(fileName: string, up: SqlFile): RepeatableFile {
  const version = fileName.slice(0, -'.sql'.length);
  return { version, name: version.slice(PREFIX.length), up, down: null };
}
