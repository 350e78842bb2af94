/**
 * Starts the reaper, a small process of its own, and tells it what this process has started. It decides which signals a
 * process gets and for how long; what happens at the end is the reaper's business (reaper.mjs).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { processTable } from './process-table.mjs';

/** A signal, and how long the process has to follow it before the next one. */
export interface EndSignal {
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
}

/** For a process that puts its house in order on SIGTERM. */
export const END_BY_TERM: readonly EndSignal[] = [
  { signal: 'SIGTERM', graceMs: 3_000 },
  { signal: 'SIGKILL', graceMs: 1_000 },
];

/** For a PostgreSQL server: fast shutdown, immediate shutdown, kill. */
export const END_POSTGRES: readonly EndSignal[] = [
  { signal: 'SIGINT', graceMs: 3_000 },
  { signal: 'SIGQUIT', graceMs: 2_000 },
  { signal: 'SIGKILL', graceMs: 1_000 },
];

export interface Reaper {
  readonly pid: number;
  /** This process is to be ended when the owner is gone. `group` ends its whole process group; it must lead one. */
  readonly guardProcess: (pid: number, signals: readonly EndSignal[], scope?: 'process' | 'group') => void;
  /**
   * PostgreSQL programs that name this folder on their command line are ended as well, whether or not they were
   * registered. `remove` deletes the folder afterwards; only folders whose name begins with `drydock-` are deleted.
   */
  readonly guardFolder: (path: string, afterwards: 'remove' | 'keep') => void;
  /** Ends everything that still runs, now, and resolves when the reaper itself is gone. What is guarded later goes at once. */
  readonly close: () => Promise<void>;
}

/** Starts a reaper owned by this process. It does not keep this process alive. */
export function startReaper(): Reaper {
  const script = fileURLToPath(new URL('./reaper.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    // Nothing inherited: options for Node in the environment would slow it down or break it.
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
  });
  const ended = once(child, 'exit');
  const pipe = child.stdin as Socket;
  pipe.on('error', () => {});
  pipe.unref();
  child.unref();
  let isClosed = false;
  const tell = (message: object): void => {
    pipe.write(`${JSON.stringify(message)}\n`);
  };
  return {
    pid: child.pid!,
    guardProcess: (pid, signals, scope = 'process') => {
      // Started while everything was ending: nobody is left who would end it.
      if (isClosed) return kill(scope === 'group' ? -pid : pid);
      const startedAt = processTable.read(pid)?.startedAt;
      if (startedAt !== undefined) tell({ kind: 'process', pid, startedAt, signals, scope });
    },
    guardFolder: (path, afterwards) => {
      if (!isClosed) tell({ kind: 'folder', path, afterwards });
      else if (afterwards === 'remove') rmSync(path, { recursive: true, force: true });
    },
    close: async () => {
      isClosed = true;
      child.ref();
      pipe.end();
      await ended;
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
