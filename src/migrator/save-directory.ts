/** The directory of one saving: its name, who may read it, and making sure that it is on the disk. */
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { MigrationRef } from './events.ts';
import { fullName } from './plan-problems.ts';
import { rowsOf, type Work } from './work.ts';

/** `<database>-<time>-<version>_<name>` below the work's save directory. Readable by its owner only: it holds data. */
export async function makeSaveDirectory(work: Work, migration: MigrationRef): Promise<string> {
  const [row] = await rowsOf<{ name: string }>(
    work,
    `select current_database() || '-' || to_char(clock_timestamp() at time zone 'UTC', 'YYYYMMDD"T"HH24MISSMS"Z"') as name`,
  );
  const plain = `${row!.name}-${fullName(migration)}`.replace(/[^\w.-]/g, '_');
  const directory = path.join(work.saveDirectory, plain);
  await mkdir(work.saveDirectory, { recursive: true });
  // Not recursive: a directory that is there already belongs to another saving.
  await mkdir(directory, { mode: 0o700 });
  return directory;
}

/** Forces a file, or the entries of a directory, to the disk. */
export async function syncPath(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The directory's entries and its own entry in its parent. */
export async function syncDirectory(directory: string): Promise<void> {
  await syncPath(directory);
  await syncPath(path.dirname(directory));
}
