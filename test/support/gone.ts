/** Waiting for processes and folders to be gone: the proof that nothing was left behind. */
import { existsSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { processTable } from '../../src/dev/reaper/process-table.mjs';

const LIMIT = { timeout: 15_000, interval: 20 };

/** Resolves when none of these processes runs. A number that another process has got since counts as running. */
export async function processesGone(pids: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter((pid) => processTable.read(pid))).toEqual([]), LIMIT);
}

/** Resolves when no process names this text on its command line. */
export async function noProcessNames(text: string): Promise<void> {
  const naming = (): string[] =>
    processTable
      .list()
      .map(({ args }) => args.join(' '))
      .filter((line) => line.includes(text));
  await vi.waitFor(() => expect(naming()).toEqual([]), LIMIT);
}

export async function folderGone(path: string): Promise<void> {
  await vi.waitFor(() => expect(existsSync(path)).toBe(false), LIMIT);
}
