/** The file that a dump is written to before it is one: no pattern finds it, and what a killed attempt left of it is cleared away. */
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { notWritten } from './dump-problems.ts';

const SUFFIX = '.unfinished';

/**
 * Its path, for a dump that will be `file`. It is there afterwards, for its owner only: pg_dump would let everybody read it.
 * Error: `dump-not-written`.
 */
export async function openUnfinished(file: string): Promise<string> {
  const directory = path.dirname(file);
  // A pattern finds no name that begins with a dot, unless it begins with one itself.
  const unfinished = path.join(directory, `.${path.basename(file)}.${process.pid}@${hostname()}${SUFFIX}`);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await clearLeftovers(directory);
    await (await open(unfinished, 'wx', 0o600)).close();
  } catch (error) {
    throw notWritten(directory, error);
  }
  return unfinished;
}

/** Of processes of this machine that are gone; other machines may be at work in the same directory. */
async function clearLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const [, pid, host] = /^\..+\.(\d+)@(.+)\.unfinished$/.exec(name) ?? [];
    if (host === hostname() && !isThere(Number(pid))) await rm(path.join(directory, name), { force: true });
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
