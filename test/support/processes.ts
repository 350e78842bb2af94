/**
 * Runs our own programs as a person or a supervisor would: one node process each, so that a kill hits the program itself, in
 * an environment that holds nothing of this machine but the path.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, inject } from 'vitest';
import { DRYDOCK } from '../../src/model/steering.ts';
import './provided.ts';

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface CliOptions {
  /** Variables besides PATH, HOME, TMPDIR and NO_COLOR; `undefined` takes one of those away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Run as this user; only root may ask for it. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Default: Node, with TypeScript. */
  readonly program?: string;
  /** Default: the root of the checkout. */
  readonly cwd?: string;
  /** Text for standard input, which is then closed. Default: closed at once. */
  readonly input?: string;
}

export interface CliResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Everything written so far. */
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  /** Resolves with the match once standard output or standard error holds it; rejects when the program ends without. */
  readonly until: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<CliResult>;
}

const running = new Set<ChildProcess>();

afterAll(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'exit').catch(() => {});
  }
});

/** Runs a TypeScript program of this checkout to its end: `runCli(['src/cli/communication-migrate.ts', 'status'])`. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).ended;
}

/**
 * Runs `drydock` to its end: the built command, which starts several times faster than the sources, under the name that the sources
 * have. What the sources themselves do from the first line on is tested where it is asked for by name.
 */
export function runDrydock(args: readonly string[], options: Omit<CliOptions, 'program'> = {}): Promise<CliResult> {
  return startDrydock(args, options).ended;
}

/** Starts `drydock` as `runDrydock` does. Killed at the end of the test file if it still runs. */
export function startDrydock(args: readonly string[], options: Omit<CliOptions, 'program'> = {}): RunningCli {
  return startCli([inject('builtCommand'), ...args], {
    ...options,
    program: process.execPath,
    env: { DRYDOCK_CALLED_AS: DRYDOCK, ...options.env },
  });
}

/** Starts a TypeScript program of this checkout. Killed at the end of the test file if it still runs. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const [program, first] = options.program ? [options.program, []] : [process.execPath, ['--import', 'tsx']];
  const child = spawn(program, [...first, ...args], {
    cwd: options.cwd ?? ROOT,
    env: cliEnvironment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.user ?? {}),
  });
  running.add(child);
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return follow(child);
}

function cliEnvironment(extra: CliOptions['env'] = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: tmpdir(), NO_COLOR: '1', ...extra };
}

function follow(child: ChildProcess): RunningCli {
  const text = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]!.setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, ...text });
    });
  });
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(text.stdout) ?? pattern.exec(text.stderr);
        if (!match) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
      look();
      ended.then(
        () => reject(new Error(`it ended without ${pattern}:\n${text.stdout}\n${text.stderr}`)),
        (error: unknown) => reject(error),
      );
    });
  return { child, pid: child.pid!, output: () => ({ ...text }), until, ended };
}
