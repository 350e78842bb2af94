/**
 * Runs a program of somebody else to its end: no shell, bounded in time and in what is kept of its words. It knows nothing of what
 * the program is for, and never shows a URL that the program may have printed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { interrupted } from '../postgres/clock.ts';

export interface ProgramRequest {
  /** The program and its arguments, as they are. The program gets the environment and the folder of this process. */
  readonly run: readonly string[];
  readonly timeoutMs: number;
  /** Comes on its standard input. Left out: that is closed. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

export type ProgramOutcome =
  /** `lastLine`: of its standard output. `complaint`: the last line of its standard error, shortened, without URLs. */
  | { readonly kind: 'exited'; readonly code: number; readonly lastLine: string; readonly complaint: string }
  | { readonly kind: 'killed'; readonly by: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'not-started'; readonly reason: string };

/** Of each stream. */
const KEPT_CHARACTERS = 4_000;
const COMPLAINT_CHARACTERS = 200;
/** From being asked to end to being ended. */
const GRACE_MS = 2_000;
/** What it left behind may hold its output open for ever. */
const AFTER_EXIT_MS = 500;

/** Gives how it ended, with everything that it started in its own process group. Error: `interrupted`. */
export async function runProgram({ run, timeoutMs, input, signal }: ProgramRequest): Promise<ProgramOutcome> {
  if (signal?.aborted) throw interrupted();
  const [program = '', ...rest] = run;
  const stdin = input === undefined ? 'ignore' : 'pipe';
  const child = spawn(program, rest, { stdio: [stdin, 'pipe', 'pipe'], detached: true });
  // It may end without having read.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    end(child);
  }, timeoutMs);
  const onAbort = (): void => end(child);
  signal?.addEventListener('abort', onAbort, { once: true });
  const outcome = await outcomeOf(child);
  clearTimeout(timer);
  signal?.removeEventListener('abort', onAbort);
  // What it started may have outlived the one that was asked to end.
  if (timedOut || signal?.aborted) send(child, 'SIGKILL');
  if (signal?.aborted) throw interrupted();
  return timedOut ? { kind: 'timed-out' } : outcome;
}

/** `exit code 3: no such queue`, for messages. */
export function programWords(outcome: ProgramOutcome): string {
  switch (outcome.kind) {
    case 'exited':
      return `exit code ${outcome.code}${outcome.complaint ? `: ${outcome.complaint}` : ''}`;
    case 'killed':
      return `it was ended by ${outcome.by}`;
    case 'timed-out':
      return 'it did not end in time and was ended';
    case 'not-started':
      return `it could not be started: ${outcome.reason}`;
  }
}

function outcomeOf(child: ChildProcess): Promise<ProgramOutcome> {
  const output = keepLast(child.stdout);
  const errors = keepLast(child.stderr);
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: 'not-started', reason: error.code ?? 'the system refused' }),
    );
    child.once('exit', (code, by) => {
      const tell = (): void => {
        clearTimeout(late);
        child.stdout?.destroy();
        child.stderr?.destroy();
        if (code === null) resolve({ kind: 'killed', by: by ?? 'a signal' });
        else resolve({ kind: 'exited', code, lastLine: lastLine(output()), complaint: complaintOf(errors()) });
      };
      const late = setTimeout(tell, AFTER_EXIT_MS);
      child.once('close', tell);
    });
  });
}

function keepLast(stream: NodeJS.ReadableStream | null): () => string {
  let kept = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => {
    kept = (kept + text).slice(-KEPT_CHARACTERS);
  });
  return () => kept;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

/** Programs that call somebody print with whom they talked, and a URL may be a secret. */
function complaintOf(text: string): string {
  return lastLine(text)
    .replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, '(a URL)')
    .slice(0, COMPLAINT_CHARACTERS);
}

function end(child: ChildProcess): void {
  send(child, 'SIGTERM');
  const late = setTimeout(() => send(child, 'SIGKILL'), GRACE_MS);
  child.once('exit', () => clearTimeout(late));
}

/** To the whole group. */
function send(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended between the look and here.
  }
}
