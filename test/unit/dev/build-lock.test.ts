import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processTable } from '../../../src/dev/reaper/process-table.mjs';
import { takeBuildLock } from '../../../src/dev/temporal/build-lock.ts';

function lockPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'build.lock');
}

const neverWait = (): never => expect.unreachable('there is nobody to wait for');

test('of several builders one builds at a time, and each comes to its turn', async () => {
  const path = lockPath();
  let inside = 0;
  const waitedFor = new Set<number>();
  const build = async (): Promise<void> => {
    const lock = await takeBuildLock(path, (pid) => void waitedFor.add(pid));
    inside += 1;
    await new Promise(setImmediate);
    expect(inside).toBe(1);
    inside -= 1;
    lock.release();
  };
  await Promise.all([build(), build(), build()]);
  expect([...waitedFor]).toEqual([process.pid]);
  expect(existsSync(path)).toBe(false);
});

test('the lock of a dead builder is taken over at once', async () => {
  const path = lockPath();
  const reused = { pid: process.pid, startedAt: 'an earlier process of this number', host: hostname() };
  writeFileSync(path, JSON.stringify(reused));
  (await takeBuildLock(path, neverWait)).release();
  expect(existsSync(path)).toBe(false);
});

test('the lock of a builder on another machine is respected while it is touched, and taken over when it is silent', async () => {
  const path = lockPath();
  const { startedAt } = processTable.read(process.pid)!;
  writeFileSync(path, JSON.stringify({ pid: 4_000_000, startedAt, host: 'elsewhere' }));
  const minuteAgo = Date.now() / 1000 - 60;
  const lock = await takeBuildLock(path, (pid) => {
    expect(pid).toBe(4_000_000);
    utimesSync(path, minuteAgo, minuteAgo);
  });
  lock.release();
});

test('half a lock, as a full disk leaves it, is taken over', async () => {
  const path = lockPath();
  writeFileSync(path, '{"pid":');
  (await takeBuildLock(path, neverWait)).release();
});
