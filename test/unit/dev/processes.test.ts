/** Who started us, who still runs, and what may be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { type Interrupt, onInterrupt } from '../../../src/dev/reaper/interrupts.ts';
import { isRunning, processTable, procTable, psTable } from '../../../src/dev/reaper/process-table.mjs';
import { isLauncher, parentChain } from '../../../src/dev/reaper/watch-parents.ts';
import { processesGone } from '../../support/gone.ts';

const REAPER = fileURLToPath(new URL('../../../src/dev/reaper/reaper.mjs', import.meta.url));

/** A process that does nothing until killed. */
function idle(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid!;
}

test.each([
  ['the process files of Linux', procTable],
  ['ps', psTable],
])('%s tell who runs, since when and below whom', async (_name, table) => {
  if (table === procTable && processTable !== procTable) return;
  const pid = idle();
  const entry = table.read(pid)!;
  expect(entry).toMatchObject({ pid, parentPid: process.pid });
  expect(entry.args.join(' ')).toContain('setInterval');
  expect(table.list().map((other) => other.pid)).toContain(pid);
  expect(isRunning(entry, table)).toBe(true);
  expect(isRunning({ ...entry, startedAt: 'another time' }, table)).toBe(false);
  process.kill(pid, 'SIGKILL');
  await processesGone([pid]);
  expect(table.read(pid)).toBeUndefined();
});

test('the reaper ends what was registered, and spares foreign folders and a number that another process has got since', async () => {
  const [mine, another] = [idle(), idle()];
  const reaper = spawn(process.execPath, [REAPER], { stdio: ['pipe', 'ignore', 'inherit'] });
  const signals = [{ signal: 'SIGKILL', graceMs: 1_000 }];
  const register = (pid: number, startedAt: string): void =>
    void reaper.stdin.write(`${JSON.stringify({ kind: 'process', pid, startedAt, signals, scope: 'process' })}\n`);
  register(mine, processTable.read(mine)!.startedAt);
  register(another, 'before it was started');
  const foreign = mkdtempSync(join(tmpdir(), 'not-ours-'));
  onTestFinished(() => rmSync(foreign, { recursive: true, force: true }));
  reaper.stdin.write(`${JSON.stringify({ kind: 'folder', path: foreign, afterwards: 'remove' })}\n`);
  reaper.stdin.end('{"kind":"half a line, as a killed owner leaves');
  expect(await once(reaper, 'exit')).toEqual([0, null]);
  await processesGone([mine]);
  expect(processTable.read(another)).toBeDefined();
  expect(existsSync(foreign)).toBe(true);
});

test.each([
  [true, ['npm exec pnpm@10.34.9 demo']],
  [true, ['node', '/usr/lib/node_modules/npm/bin/npx-cli.js', '-y', 'pnpm@10.34.9', 'demo']],
  [true, ['/usr/bin/node', '--no-warnings', '/home/kim/.npm/_npx/1/node_modules/.bin/pnpm', 'demo']],
  [true, ['node', '/opt/pnpm/bin/pnpm.cjs', 'demo']],
  [true, ['node', '/opt/corepack/dist/corepack.js', 'pnpm', 'demo']],
  [true, ['sh', '-c', 'node --import tsx src/dev/demo.ts']],
  [true, ['/bin/bash', '-ec', 'pnpm demo']],
  [false, ['-bash']],
  [false, ['bash', '.ci/run']],
  [false, ['bash', '--login']],
  [false, ['node', 'server.js']],
  [false, ['node']],
  [false, ['tmux', 'new']],
  [false, []],
])('launcher %s: %j', (expected, args) => {
  expect(isLauncher(args)).toBe(expected);
});

test('the chain of parents ends with the first that is no launcher, and never holds process 1', () => {
  const processes = [
    { pid: 10, parentPid: 9, startedAt: 'a', args: ['sh', '-c', 'node demo.ts'] },
    { pid: 9, parentPid: 8, startedAt: 'b', args: ['node', '/x/pnpm.cjs', 'demo'] },
    { pid: 8, parentPid: 7, startedAt: 'c', args: ['npm exec pnpm demo'] },
    { pid: 7, parentPid: 6, startedAt: 'd', args: ['-bash'] },
    { pid: 6, parentPid: 1, startedAt: 'e', args: ['sshd'] },
    { pid: 5, parentPid: 1, startedAt: 'f', args: ['npm exec pnpm demo'] },
    { pid: 1, parentPid: 0, startedAt: 'g', args: ['sh', '-c', 'init'] },
  ];
  const table = { read: (pid: number) => processes.find((entry) => entry.pid === pid), list: () => processes };
  const chain = (pid: number): number[] => parentChain(pid, table).map((entry) => entry.pid);
  expect(chain(10)).toEqual([10, 9, 8, 7]);
  expect(chain(5)).toEqual([5]);
  expect(chain(1)).toEqual([]);
});

test('a second interrupt counts only when it cannot be the first one passed on', () => {
  let clock = 0;
  const calls: Array<[string, Interrupt, number]> = [];
  const { stop } = onInterrupt({
    now: () => clock,
    onFirst: (interrupt, exitCode) => calls.push(['first', interrupt, exitCode]),
    onSecond: (interrupt, exitCode) => calls.push(['second', interrupt, exitCode]),
  });
  process.emit('SIGINT', 'SIGINT');
  clock = 999;
  process.emit('SIGINT', 'SIGINT');
  expect(calls).toEqual([['first', 'SIGINT', 130]]);
  clock = 1_000;
  process.emit('SIGTERM', 'SIGTERM');
  process.emit('SIGHUP', 'SIGHUP');
  stop();
  process.emit('SIGHUP', 'SIGHUP');
  expect(calls.slice(1)).toEqual([
    ['second', 'SIGTERM', 143],
    ['second', 'SIGHUP', 129],
  ]);
});
