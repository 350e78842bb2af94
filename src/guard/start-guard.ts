/**
 * Starts the guard of a hold as a process that lives apart from this one: in a session of its own, with nothing secret on its command
 * line; its environment is the worker's, which consumers' programs need. One for each run that holds, as long as this process knows it to be alive.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LetGoContext } from '../drain/held-thing.ts';
import type { HoldOwner } from '../drain/hold.ts';
import { ProblemError } from '../model/problem.ts';
import { GUARD_READY, type GuardCharge, READY_FD, secretsOf } from './charge.ts';

export interface GuardRequest extends Pick<LetGoContext, 'target' | 'url' | 'secret'> {
  readonly owner: HoldOwner;
  /** The checkout: `.drydock/guard` is below it. */
  readonly root: string;
}

/** Of this process, by run. */
const guards = new Map<string, Promise<ChildProcess>>();

const READY_WITHIN_MS = 20_000;

/** The process id of a guard that this process started and that watches; starts one where there is none. Error: `guard-not-started` (retry). */
export async function ensureGuard(request: GuardRequest): Promise<number> {
  const key = keyOf(request.target.name, request.owner.runId);
  const present = await guards.get(key)?.catch(() => undefined);
  if (present && present.exitCode === null && present.signalCode === null) return present.pid!;
  const starting = startGuard(request);
  guards.set(key, starting);
  const child = await starting;
  child.once('exit', () => {
    if (guards.get(key) === starting) guards.delete(key);
  });
  return child.pid!;
}

/** Lets the guard of this run look at once, where this process started it. Nothing where it did not. */
export async function wakeGuard(target: string, runId: string): Promise<void> {
  (await guards.get(keyOf(target, runId))?.catch(() => undefined))?.kill('SIGHUP');
}

function keyOf(target: string, runId: string): string {
  return `${target} ${runId}`;
}

/** Where the guards of a checkout write what they did. */
export function guardDirectory(root: string): string {
  return path.join(root, '.drydock', 'guard');
}

async function startGuard({ target, url, secret, owner, root }: GuardRequest): Promise<ChildProcess> {
  const startedAt = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const charge: GuardCharge = {
    target,
    url,
    owner,
    secrets: await secretsOf(target, secret),
    logFile: path.join(guardDirectory(root), `${target.name}-${owner.token}-${startedAt}.log`),
  };
  const child = spawn(process.execPath, command(), { detached: true, stdio: ['pipe', 'ignore', 'ignore', 'pipe'] });
  child.stdin!.on('error', () => undefined);
  child.stdin!.end(JSON.stringify(charge));
  try {
    await untilReady(child);
  } catch (error) {
    child.kill('SIGKILL');
    throw notStarted(error, charge);
  }
  saysOf(child).destroy();
  child.unref();
  return child;
}

/** With the same loader as this file was loaded with: sources in a checkout, plain JavaScript where it was built. */
function command(): string[] {
  const here = fileURLToPath(import.meta.url);
  const script = path.join(path.dirname(here), `guard${path.extname(here)}`);
  if (path.extname(here) !== '.ts') return [script];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', loader, script];
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`it did not answer within ${READY_WITHIN_MS} ms`)),
      READY_WITHIN_MS,
    );
    const settle = (end: () => void) => {
      clearTimeout(timer);
      end();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) => settle(() => reject(new Error(`it ended with ${signal ?? code}`))));
    saysOf(child).on('data', (said: Buffer) => {
      if (said.toString().includes(GUARD_READY)) settle(resolve);
    });
  });
}

function saysOf(child: ChildProcess): Readable {
  return child.stdio[READY_FD] as Readable;
}

function notStarted(error: unknown, { logFile }: GuardCharge): ProblemError {
  return new ProblemError(
    {
      code: 'guard-not-started',
      message: 'the guard that lets traffic go when nobody renews its lease could not be started',
      found: error instanceof Error ? error.message : String(error),
      expected: 'a process of its own that watches before anything is held',
      next: `look into ${logFile} on the worker's machine, and at its memory and limits`,
      retry: 'retry',
    },
    { cause: error },
  );
}
