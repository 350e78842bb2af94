/**
 * Runs a program to its end and returns what it said. It decides how a child is bounded in time and how a program that
 * cannot be started is reported; it knows nothing of what the programs do.
 */
import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  /** All variables of the child. Default: those of this process. */
  readonly env?: Record<string, string>;
  /** Run as this user; only root may ask for it. */
  readonly user?: ServerUser | undefined;
  /** After so many milliseconds the child is killed and the outcome is `timed-out`. Default: no limit. */
  readonly timeoutMs?: number;
  /** Kills the child like the time limit does, when aborted. */
  readonly signal?: AbortSignal;
  /** `own` puts the child into its own process group, which is killed as a whole. Default `shared`. */
  readonly group?: 'shared' | 'own';
  /** Called with the process id as soon as there is one. */
  readonly onStart?: (pid: number) => void;
  /** Called with every chunk of standard error as it comes. */
  readonly onStderr?: (text: string) => void;
}

/** The operating system's numbers of a user. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

export type CommandOutcome =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'killed'; readonly signal: string; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'timed-out'; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'not-started'; readonly reason: string };

/** Runs `file` with `args`, standard input closed. Never rejects: whatever happens is an outcome. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    const child = spawn(file, [...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.group === 'own',
      ...(options.cwd ? { cwd: options.cwd } : {}),
      ...(options.env ? { env: options.env } : {}),
      ...(options.user ?? {}),
    });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onStderr?.(text);
    });
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(expire, options.timeoutMs);
    function expire(): void {
      timedOut = true;
      killChild(child.pid, options.group ?? 'shared');
    }
    options.signal?.addEventListener('abort', expire, { once: true });
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'not-started', reason: error.message });
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (timedOut) resolve({ kind: 'timed-out', stdout, stderr });
      else if (signal) resolve({ kind: 'killed', signal, stdout, stderr });
      else resolve({ kind: 'exited', code: code ?? 0, stdout, stderr });
    });
    if (child.pid !== undefined) options.onStart?.(child.pid);
  });
}

/** True for a program that ended by itself with exit code 0. */
export function succeeded(outcome: CommandOutcome): outcome is Extract<CommandOutcome, { kind: 'exited' }> {
  return outcome.kind === 'exited' && outcome.code === 0;
}

/** One line that says why a command did not succeed: its last words, else how it ended. */
export function describeFailure(outcome: CommandOutcome): string {
  if (outcome.kind === 'not-started') return outcome.reason;
  const lastLine = outcome.stderr.trim().split('\n').at(-1) || outcome.stdout.trim().split('\n').at(-1);
  if (outcome.kind === 'timed-out') return 'it did not end within its time limit';
  const end = outcome.kind === 'exited' ? `exit code ${outcome.code}` : `ended by ${outcome.signal}`;
  return lastLine ? `${end}: ${lastLine}` : end;
}

function killChild(pid: number | undefined, group: 'shared' | 'own'): void {
  if (pid === undefined) return;
  try {
    process.kill(group === 'own' ? -pid : pid, 'SIGKILL');
  } catch {
    // It ended between the timer and here.
  }
}
