/**
 * Lets one process at a time build into a folder. It decides when a builder counts as dead: its process is gone from this
 * machine, or it has not touched its lock for a while. Should two build after all, both results are whole: the lock saves
 * work, it does not protect anything.
 */
import { linkSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity, processTable } from '../reaper/process-table.mjs';

const TOUCH_MS = 2_000;
const SILENT_MS = 30_000;
const POLL_MS = 250;

interface Holder extends ProcessIdentity {
  readonly host: string;
}

export interface BuildLock {
  readonly release: () => void;
}

/** Takes the lock at `path`, waiting for a living holder. `onWait` is called at every look with the holder's process id. */
export async function takeBuildLock(path: string, onWait: (holderPid: number) => void): Promise<BuildLock> {
  const mine = JSON.stringify({ ...processTable.read(process.pid), args: undefined, host: hostname() });
  while (!create(path, mine)) {
    const text = readText(path);
    if (text === undefined) continue;
    const holder = parse(text);
    if (!holder || isDead(path, holder)) {
      removeStale(path, text);
      continue;
    }
    onWait(holder.pid);
    await sleep(POLL_MS);
  }
  const timer = setInterval(() => touch(path), TOUCH_MS);
  timer.unref();
  return {
    release: () => {
      clearInterval(timer);
      if (readText(path) === mine) rmSync(path, { force: true });
    },
  };
}

function create(path: string, content: string): boolean {
  // Linked into place, so that nobody ever reads half a lock.
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, content);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

function isDead(path: string, holder: Holder): boolean {
  if (holder.host === hostname() && !isRunning(holder)) return true;
  const touchedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - touchedAt > SILENT_MS;
}

/** Of two that find the same dead lock, one may move away what the other has just made: then it is put back. */
function removeStale(path: string, staleText: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readText(aside) !== staleText) linkSync(aside, path);
  } catch {
    // Someone else was quicker.
  }
  rmSync(aside, { force: true });
}

function parse(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Taken over; the build goes on and its result is as good.
  }
}
