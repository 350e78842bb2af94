/** A guard that meets a pooler that is not there tries for ever, but neither every second nor with the same words each time. */
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pgbouncer } from '../../src/drain/pgbouncer/pgbouncer.ts';
import { secretsOf } from '../../src/guard/charge.ts';
import { watchHold } from '../../src/guard/watch-hold.ts';
import { type Clock, systemClock } from '../../src/postgres/clock.ts';
import { type PoolerWorld, poolerWorld } from '../postgres/drain/pooler-world.ts';
import { until } from '../postgres/migrator/world.ts';
import { WITHOUT_POOLER } from '../support/pooler.ts';

const LEASE_MS = 2_000;
/** Of the guard's own clock. */
const TIMES_FASTER = 20;

const FAST: Clock = {
  nowMs: () => performance.now() * TIMES_FASTER,
  pause: (ms, signal) => systemClock.pause(ms / TIMES_FASTER, signal),
};

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** A hold whose poolers are gone by the end of its lease; `attempts`: on the guard's clock, in seconds. */
async function setup(poolers = 1) {
  const world = await poolerWorld({ poolers, drain: { leaseMs: LEASE_MS } });
  await world.take('1', LEASE_MS);
  await pgbouncer.hold(world.context());
  const attempts: number[] = [];
  const lines: string[] = [];
  const log = (line: string) => lines.push(line.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'));
  const guard = async () => {
    const { target, url, secret } = world.letGoContext;
    const charge = {
      target,
      url,
      owner: world.context().owner,
      secrets: await secretsOf(target, secret),
      logFile: path.join('/nonexistent', 'unused'),
    };
    let wake = (): void => undefined;
    const onWake = (listener: () => void): void => {
      wake = listener;
    };
    const over = watchHold(charge, { log, clock: FAST, onWatching: () => undefined, onWake });
    return { over, wake: () => wake() };
  };
  return { world, attempts, lines, guard };
}

/** In the place of a pooler that was killed: something that accepts connections and drops them. */
async function replace(world: PoolerWorld, index: number, attempts: number[]): Promise<() => Promise<void>> {
  const pooler = world.poolers[index]!;
  await pooler.kill();
  const server = createServer((socket) => {
    attempts.push(FAST.nowMs() / 1_000);
    socket.destroy();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(Number(new URL(pooler.url).port), '127.0.0.1', resolve));
  return async () => {
    await new Promise((resolve) => server.close(resolve));
    await pooler.start();
  };
}

describe.skipIf(WITHOUT_POOLER)(`a guard${WITHOUT_POOLER ? ` (skipped: ${WITHOUT_POOLER})` : ''}`, () => {
  it('tries ever less often, says each thing once, and lets go when it can', async () => {
    const { world, attempts, lines, guard } = await setup();
    const mend = await replace(world, 0, attempts);
    const { over } = await guard();
    await until(() => lines.some((line) => line.startsWith('still held after 16 tries')));
    // Ten in as many seconds at the most, then 1, 2, 4, 8 and 15 at the least.
    expect(attempts[15]! - attempts[0]!).toBeGreaterThan(35);
    await mend();
    await over;
    expect(lines).toEqual([
      'watching the hold of harbour/test, run run-1, on test',
      'the lease ran out at <time>: letting go',
      'pooler pooler-1 is still held: pooler-unreachable: the console of the pooler pooler-1 does not answer',
      'not everything is let go: partly',
      'guard has begun to let go: seeing to its end',
      'still held after 8 tries: pooler pooler-1 (pooler-unreachable)',
      'still held after 16 tries: pooler pooler-1 (pooler-unreachable)',
      `pooler-1: ${world.poolers[0]!.name} was not paused`,
      'everything is let go',
      'nothing is left to guard: let go by guard',
    ]);
    expect([await world.lease(), await world.noted()]).toMatchObject([{ state: 'ended', letGoBy: 'guard' }, []]);
  });

  it('is back at once a second when it has let go of something, and when it is woken', async () => {
    const { world, attempts, lines, guard } = await setup(2);
    const mendFirst = await replace(world, 0, []);
    const mendSecond = await replace(world, 1, attempts);
    const { over, wake } = await guard();
    await until(() => lines.some((line) => line.startsWith('still held after 16 tries: pooler pooler-')));
    await mendFirst();
    await until(() => lines.some((line) => line.startsWith('pooler-1: ')));
    // Counted anew, from one: 16 more would have taken minutes by now, had it not begun again.
    const before = lines.length;
    await until(() => lines.slice(before).some((line) => line.startsWith('still held after 8 tries: pooler pooler-2')));
    await until(() => lines.slice(before).some((line) => line.startsWith('still held after 16 tries')));
    const seen = attempts.length;
    const wokenAt = FAST.nowMs() / 1_000;
    wake();
    await until(() => attempts.length >= seen + 3);
    // Three of the grown pauses take 37 s at the least.
    expect(attempts[seen + 2]! - wokenAt).toBeLessThan(30);
    await mendSecond();
    await over;
    expect(lines.filter((line) => line.includes('is still held'))).toHaveLength(2);
    expect((await world.lease())?.state).toBe('ended');
  });
});
