/**
 * The directory of one saving: its names while it is written, when it is complete and when nothing was dropped after all, who
 * may read it, and making sure that it is on the disk.
 */
import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { MigrationRef } from './events.ts';
import { fullName } from './plan-problems.ts';
import { rowsOf, type Work } from './work.ts';

/** A directory of this name was cut off while it was written: nothing was dropped, and what is in it is not complete. */
export const UNFINISHED_SUFFIX = '.unfinished';
/** What was saved here is in the database still: the rollback failed after saving. */
export const NOT_DROPPED_SUFFIX = '.not-dropped';

/**
 * `<database>-<time>-<version>_<name>.unfinished` below the work's save directory. Readable by its owner only: it holds data.
 */
export async function makeSaveDirectory(work: Work, migration: MigrationRef): Promise<string> {
  const [row] = await rowsOf<{ name: string }>(
    work,
    `select current_database() || '-' || to_char(clock_timestamp() at time zone 'UTC', 'YYYYMMDD"T"HH24MISSMS"Z"') as name`,
  );
  const plain = `${row!.name}-${fullName(migration)}`.replace(/[^\w.-]/g, '_');
  const directory = path.join(work.saveDirectory, `${plain}${UNFINISHED_SUFFIX}`);
  await mkdir(work.saveDirectory, { recursive: true });
  // Not recursive: a directory that is there already belongs to another saving.
  await mkdir(directory, { mode: 0o700 });
  return directory;
}

/** Where a directory will be once it is complete. */
export function finalName(unfinished: string): string {
  return unfinished.slice(0, -UNFINISHED_SUFFIX.length);
}

/** Puts it and its entry in its parent on the disk, under its final name. */
export async function finishSaveDirectory(unfinished: string): Promise<void> {
  await syncPath(unfinished);
  await rename(unfinished, finalName(unfinished));
  await syncPath(path.dirname(unfinished));
}

/** Never throws: the name is for people, and the rows are in the database still. */
export async function markNotDropped(directory: string): Promise<void> {
  await rename(directory, `${directory}${NOT_DROPPED_SUFFIX}`).catch(() => undefined);
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
