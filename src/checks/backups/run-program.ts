/**
 * Runs a program to its end, without a shell, and keeps what it printed. One that does not end in time is ended, with
 * everything it has started. What the output means is for the caller.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { interrupted } from '../../postgres/clock.ts';

export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type ProgramEnd =
  | { readonly kind: 'ended'; readonly exitCode: number | null; readonly output: string; readonly errors: string }
  | { readonly kind: 'not-started'; readonly reason: string }
  | { readonly kind: 'timed-out'; readonly errors: string }
  /** More than `MOST_OUTPUT` characters. */
  | { readonly kind: 'too-much-output' };

/** What has to fit of its standard output, in characters. */
export const MOST_OUTPUT = 4 * 1024 * 1024;
const KEPT_ERRORS = 2_000;
/** How long an asked program has to end before it is killed. */
const GRACE_MS = 2_000;

/** Error: `interrupted`. */
export async function runProgram({ program, args, cwd, timeoutMs, signal }: ProgramCall): Promise<ProgramEnd> {
  if (signal?.aborted) throw interrupted();
  // A group of its own, so that what it has started is ended with it.
  const child = spawn(program, [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let cut: 'timed-out' | 'too-much-output' | 'interrupted' | undefined;
  let kill: NodeJS.Timeout | undefined;
  const cutShort = (why: NonNullable<typeof cut>): void => {
    cut ??= why;
    endGroup(child, 'SIGTERM');
    kill ??= setTimeout(() => killGroup(child), GRACE_MS);
  };
  const timer = setTimeout(() => cutShort('timed-out'), timeoutMs);
  const onAbort = (): void => cutShort('interrupted');
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const end = await follow(child, () => cutShort('too-much-output'));
    if (cut === 'interrupted') throw interrupted();
    if (cut === 'timed-out') return { kind: cut, errors: end.kind === 'ended' ? end.errors : '' };
    return cut === undefined ? end : { kind: cut };
  } finally {
    clearTimeout(timer);
    clearTimeout(kill);
    if (cut !== undefined) endGroup(child, 'SIGKILL');
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Until it has ended and both its outputs are closed: a grandchild that keeps them open is part of the program. */
function follow(child: ChildProcess, onTooMuch: () => void): Promise<ProgramEnd> {
  let output = '';
  let errors = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.length <= MOST_OUTPUT) return;
    output = '';
    onTooMuch();
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-KEPT_ERRORS);
  });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ kind: 'not-started', reason: message }));
    child.once('close', (exitCode) => resolve({ kind: 'ended', exitCode, output, errors }));
  });
}

/** Whoever has left the group may still keep our ends of its outputs open: they are not waited for. */
function killGroup(child: ChildProcess): void {
  endGroup(child, 'SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}

const SHOWN_ERRORS = 300;

/** Its last words on standard error, for a person. */
export function lastWords(errors: string): string {
  const line = errors.trim().split('\n').at(-1)?.trim() ?? '';
  return line.length > SHOWN_ERRORS ? `${line.slice(0, SHOWN_ERRORS)}…` : line;
}
