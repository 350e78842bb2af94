/** Waits until the worker polls: the first lines of a demo should not be about a worker that is still starting. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError } from '../../model/problem.ts';
import type { ApartProcess } from '../apart-process.ts';

const LOOK_EVERY_MS = 100;

/** `logFile` is where the worker writes. Error: `worker-not-started`, with what it said. */
export async function workerReady(worker: ApartProcess, logFile: string): Promise<void> {
  while (!(await readFile(logFile, 'utf8').catch(() => '')).includes('worker ready')) {
    const ended = worker.endedBecause();
    if (ended !== undefined) throw notStarted(ended, logFile);
    await sleep(LOOK_EVERY_MS);
  }
}

function notStarted(found: string, logFile: string): ProblemError {
  return new ProblemError({
    code: 'worker-not-started',
    message: 'the worker ended before it was ready',
    found,
    expected: 'a worker that polls its task queue',
    next: `read ${logFile}`,
  });
}
