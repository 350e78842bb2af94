/**
 * A child process that lives apart from the terminal: Ctrl-C is for its owner, who ends it in its turn, with patience and then
 * without. It knows nothing of what the child does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { END_BY_TERM, type Reaper } from './reaper/start-reaper.ts';

/** Where the child's words go: to a file, made anew, or where ours go. */
export type Output = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'inherit' };

export interface ApartPlan {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All variables of the child. */
  readonly env: Record<string, string>;
  readonly output: Output;
  /** Ends the child and those that it started when this process dies. */
  readonly reaper: Reaper | undefined;
  /** Between SIGTERM and SIGKILL. Milliseconds, default 5000. */
  readonly patienceMs?: number;
}

export interface ApartProcess {
  /** 0 where the program could not be started. */
  readonly pid: number;
  /** undefined while it runs, then how it ended: the last lines of its file, else its exit code or signal. */
  readonly endedBecause: () => string | undefined;
  /** Resolves with the same words. */
  readonly ended: Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Starts it. It does not keep this process alive. A program that cannot be started counts as one that ended. */
export function startApart(plan: ApartPlan): ApartProcess {
  const child = spawnApart(plan);
  child.unref();
  if (child.pid !== undefined) plan.reaper?.guardProcess(child.pid, END_BY_TERM, 'group');
  let why: string | undefined;
  const ended = once(child, 'exit').then(
    () => describeEnd(child, plan.output),
    (error: Error) => error.message,
  );
  void ended.then((words) => {
    why = words;
  });
  return {
    pid: child.pid ?? 0,
    endedBecause: () => why,
    ended,
    stop: async () => {
      if (why !== undefined) return;
      child.ref();
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), plan.patienceMs ?? 5_000);
      await ended;
      clearTimeout(killer);
    },
  };
}

function spawnApart({ program, args, cwd, env, output }: ApartPlan): ChildProcess {
  const target = output.kind === 'file' ? openSync(output.path, 'w', 0o600) : 'inherit';
  try {
    return spawn(program, [...args], { detached: true, stdio: ['ignore', target, target], cwd, env });
  } finally {
    if (typeof target === 'number') closeSync(target);
  }
}

function describeEnd({ exitCode, signalCode }: ChildProcess, output: Output): string {
  const end = signalCode ? `ended by ${signalCode}` : `exit code ${exitCode}`;
  if (output.kind === 'inherit') return end;
  return readFileSync(output.path, 'utf8').trim().split('\n').slice(-4).join('\n') || end;
}
