/**
 * Writes the two files of a new migration under the next version of their directory. It never replaces a file, and of two
 * that are written at once each gets a version of its own.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../model/problem.ts';
import { type MigrationDirectory, readMigrations } from './files.ts';
import { skeletonFor } from './new-skeleton.ts';
import { versionAfter } from './new-version.ts';
import { sameVersion } from './version-order.ts';

export interface NewMigration {
  readonly where: MigrationDirectory;
  /** Of what it makes. */
  readonly schema: string;
  readonly name: string;
  readonly now: Date;
}

export interface WrittenMigration {
  readonly version: string;
  readonly name: string;
  /** Absolute. */
  readonly up: string;
  readonly down: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
const VERSIONED = /^(\d+)_/;
const TRIES = 50;

/** Errors: `migration-name-invalid`, `layout-not-ours`, and those of reading a directory that holds migrations already. */
export async function writeMigration(wanted: NewMigration): Promise<WrittenMigration> {
  if (!NAME.test(wanted.name)) throw badName(wanted.name);
  const directory = path.resolve(wanted.where.root, wanted.where.directory);
  await requireOurLayout(wanted.where, directory);
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const version = versionAfter(await versionsIn(directory), wanted.now);
    const written = await writePair(directory, version, wanted);
    if (written) return written;
    // Whoever was there at the same time steps back, too.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * tries));
  }
  throw new ProblemError({
    code: 'migration-name-invalid',
    message: 'no free version was found',
    found: `${TRIES} tries, and each time somebody else wrote one with the same number`,
    next: 'run the same command again',
  });
}

/** Undefined where somebody took the same version at the same time: of two who look after writing, one at least sees it. */
async function writePair(
  directory: string,
  version: string,
  { name, schema }: NewMigration,
): Promise<WrittenMigration | undefined> {
  const base = `${version}_${name}`;
  const skeleton = skeletonFor(base, schema);
  const up = path.join(directory, `${base}.up.sql`);
  const down = path.join(directory, `${base}.down.sql`);
  if (!(await writeNew(up, skeleton.up))) return undefined;
  const same = (await readdir(directory)).filter((file) => {
    const other = VERSIONED.exec(file)?.[1];
    return other !== undefined && sameVersion(other, version);
  });
  if (same.length === 1 && (await writeNew(down, skeleton.down))) return { version, name, up, down };
  await rm(up);
  return undefined;
}

async function writeNew(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function versionsIn(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).flatMap((file) => VERSIONED.exec(file)?.[1] ?? []);
}

/** A directory that is not there yet is made beside what is. One with files of another tool keeps that tool's layout. */
async function requireOurLayout(where: MigrationDirectory, directory: string): Promise<void> {
  if (!existsSync(directory)) {
    if (existsSync(path.dirname(directory))) await mkdir(directory, { recursive: true });
  }
  if ((await readdirOrRefuse(where, directory)).every((file) => !file.endsWith('.sql'))) return;
  const { placeholders: _, ...plainly } = where;
  const { format } = await readMigrations({ ...plainly, numbers: 'any', mirrors: 'optional' });
  if (format === 'golang-migrate') return;
  throw new ProblemError({
    code: 'layout-not-ours',
    message: `${where.directory} is in the layout of ${format}`,
    expected: 'NNN_name.up.sql and NNN_name.down.sql',
    next: `write the file by hand, as ${format} has it, or take another directory`,
  });
}

async function readdirOrRefuse(where: MigrationDirectory, directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => {
    throw new ProblemError({
      code: 'migrations-directory-missing',
      message: `the migrations directory ${where.directory} cannot be read`,
      expected: 'a directory, or a folder in which it can be made',
      next: `create ${where.directory}`,
    });
  });
}

function badName(name: string): ProblemError {
  const better = name
    .trim()
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replaceAll(/^[_-]+|[_-]+$/g, '');
  return new ProblemError({
    code: 'migration-name-invalid',
    message: `"${name}" cannot be the name of a migration`,
    expected: 'letters, digits, _ and -, at most 100 of them: it becomes part of a file name',
    next: better === '' ? 'choose another name' : `run \`new ${better.slice(0, 100)}\``,
  });
}
