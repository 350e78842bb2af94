/** A program of this checkout in a pseudo-terminal of its own, as a person has it: `script` makes the terminal, the test types. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { afterAll } from 'vitest';
import { ROOT } from './processes.ts';

/** Undefined where `script` of util-linux is there; else why a test in a terminal is skipped. */
export const WITHOUT_TERMINAL = /util-linux/.test(spawnSync('script', ['--version']).stdout?.toString() ?? '')
  ? undefined
  : 'there is no script of util-linux on this machine';

export interface Terminal {
  /** Everything on the screen so far, without colours and movements of the cursor; carriage returns are taken out. */
  readonly screen: () => string;
  /** Resolves once the screen holds it; rejects when the program ends without. */
  readonly until: (pattern: RegExp) => Promise<void>;
  readonly type: (keys: string) => void;
  /** The program's exit code. */
  readonly ended: Promise<number | null>;
}

export const KEYS = { enter: '\r', left: '\u001b[D', ctrlC: '\u0003' } as const;

const open = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of open) {
    child.kill('SIGKILL');
    await once(child, 'exit').catch(() => undefined);
  }
});

/** `args`: of Node, with TypeScript. The environment holds nothing of this machine but the path. */
export function openTerminal(args: readonly string[], env: Readonly<Record<string, string>>): Terminal {
  const command = [process.execPath, '--import', 'tsx', ...args].map(quoted).join(' ');
  const child = spawn('script', ['-qefc', `stty cols 300 rows 50; exec ${command}`, '/dev/null'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: tmpdir(), TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  open.add(child);
  let written = '';
  const listeners = new Set<() => void>();
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    written += chunk;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      open.delete(child);
      resolve(code);
    });
  });
  const screen = (): string => plain(written);
  return {
    screen,
    ended,
    type: (keys) => void child.stdin.write(keys),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(screen())) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        ended.then(() => reject(new Error(`it ended without ${pattern}:\n${screen()}`)), reject);
      }),
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]|\u001b[()][A-Z0-9]|\r/g;

function plain(text: string): string {
  return text.replaceAll(ESCAPES, '');
}
