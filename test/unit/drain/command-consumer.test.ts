import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pauseConsumer } from '../../../src/drain/consumers/pause.ts';
import { resumeConsumer } from '../../../src/drain/consumers/resume.ts';
import type { Consumer } from '../../../src/model/consumer.ts';
import { processesGone } from '../../support/gone.ts';
import { problemOf } from '../runbook/checkout.ts';
import { consumerWorld, quickClock } from './consumer-world.ts';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Workers whose state is a file: programs write it and print it. */
async function setup(commands: { pause?: string; resume?: string; status?: string; timeoutMs?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-consumer-'));
  folders.push(folder);
  const file = join(folder, 'state');
  await writeFile(file, 'running');
  const { pause = 'printf stopped > "$0"', resume = 'printf running > "$0"', status = 'cat "$0"' } = commands;
  const run = (script: string): readonly string[] => ['sh', '-c', script, file];
  const consumer: Consumer = {
    name: 'workers',
    kind: 'command',
    timeoutMs: commands.timeoutMs ?? 60_000,
    pause: run(pause),
    resume: run(resume),
    status: run(status),
  };
  const world = consumerWorld([consumer], { clock: quickClock() });
  return { folder, consumer, world, state: () => readFile(file, 'utf8') };
}

describe('a consumer with programs of its own', () => {
  it('is paused, proven stopped, and resumed', async () => {
    const { consumer, world, state } = await setup();
    expect(await pauseConsumer(world, consumer)).toMatchObject({
      summary: 'workers has stopped: it prints "stopped"',
      evidence: [{ name: 'before', value: 'running: it prints "running"' }, { name: 'proof' }, { name: 'took' }],
    });
    expect(await state()).toBe('stopped');
    expect((await resumeConsumer(world, consumer)).summary).toBe('workers is back: it prints "running"');
    expect([await state(), world.notes.things]).toEqual(['running', []]);
  });

  it('gets its arguments as they are, because no shell reads them', async () => {
    const { folder, consumer, world } = await setup();
    const trap = join(folder, 'trap');
    const status = ['printf', '%s\n', `$(touch ${trap})`, 'stopped'];
    await pauseConsumer(world, { ...consumer, kind: 'command', status } as Consumer);
    await expect(readFile(trap)).rejects.toThrow('ENOENT');
  });

  it('may say much, of which the last line counts', async () => {
    const { consumer, world } = await setup({ status: 'seq 1 200000; cat "$0"' });
    expect((await pauseConsumer(world, consumer)).summary).toBe('workers has stopped: it prints "stopped"');
  });

  it('is tried again where its program fails, until its time is over', async () => {
    const { consumer, world } = await setup({
      pause: 'echo "once more: http://user:hunter2@mq/" >&2; exit 3',
      timeoutMs: 2_000,
    });
    expect(await problemOf(pauseConsumer(world, consumer))).toEqual({
      code: 'consumer-command-failed',
      message: 'a command of workers failed',
      found: 'sh: exit code 3: once more: (a URL)',
      expected: 'exit code 0',
      next: 'run it by hand where the worker runs, and look at workers',
      retry: 'stop',
    });
  });

  it('cannot hang the run: its program is ended with all that it started', async () => {
    const { consumer, world, folder } = await setup({
      pause: `(trap '' TERM; sleep 600; sleep 600) & echo $! > "$0.pid"; sleep 600`,
      timeoutMs: 700,
    });
    const { found } = await problemOf(pauseConsumer(world, consumer));
    expect(found).toBe('sh: it did not end in time and was ended');
    const pid = Number(await readFile(join(folder, 'state.pid'), 'utf8'));
    await processesGone([pid]);
  });

  it('may leave a daemon behind that keeps its output open', async () => {
    const { consumer, world, folder } = await setup({
      pause: 'setsid sleep 600 & echo $! > "$0.pid"; printf stopped > "$0"',
    });
    const startedAt = Date.now();
    await pauseConsumer(world, consumer);
    expect(Date.now() - startedAt).toBeLessThan(30_000);
    process.kill(Number(await readFile(join(folder, 'state.pid'), 'utf8')));
  });

  it('is not started twice where the program is not there', async () => {
    const { consumer, world } = await setup();
    const pause = ['/nowhere/pause'];
    expect(await problemOf(pauseConsumer(world, { ...consumer, pause } as Consumer))).toMatchObject({
      code: 'consumer-command-failed',
      found: '/nowhere/pause: it could not be started: ENOENT',
    });
  });

  it('is ended when the work is interrupted', async () => {
    const stop = new AbortController();
    const { consumer } = await setup({ pause: 'sleep 600' });
    const world = consumerWorld([consumer], { signal: stop.signal });
    const pausing = problemOf(pauseConsumer(world, consumer));
    await expect.poll(() => world.notes.things.length, { timeout: 30_000 }).toBe(1);
    stop.abort();
    expect((await pausing).code).toBe('interrupted');
  });
});
