/** Whether a window can be held without errors, asked of a real pooler before anybody is asked. */
import { describe, expect, it } from 'vitest';
import { pgbouncer } from '../../../src/drain/pgbouncer/pgbouncer.ts';
import { reconnect } from '../../../src/drain/pgbouncer/reconnect.ts';
import { type ExpectedWindow, poolerLimits, windowProblem } from '../../../src/drain/pgbouncer/window.ts';
import { WITHOUT_POOLER } from '../../support/pooler.ts';
import { makeWorld } from '../../support/world.ts';
import { type PoolerWorld, poolerWorld } from './pooler-world.ts';

const problemOf = async ({ letGoContext }: PoolerWorld, window: ExpectedWindow) =>
  windowProblem(letGoContext.target.name, await poolerLimits(letGoContext), window);

describe.skipIf(WITHOUT_POOLER)(`a window${WITHOUT_POOLER ? ` (skipped: ${WITHOUT_POOLER})` : ''}`, () => {
  it('longer than a pooler lets clients wait is refused, with both ways out', async () => {
    const world = await poolerWorld({
      settings: 'pool_mode = transaction\nquery_wait_timeout = 20\nquery_timeout = 45',
    });
    expect(await problemOf(world, { drainMs: 19_000 })).toBeUndefined();
    expect(await problemOf(world, { drainMs: 300_000 })).toEqual({
      code: 'window-not-holdable',
      message: 'clients would meet errors: the window is longer than they may wait at pooler-1',
      found: [
        'a window of 5 min of quiet alone',
        'pooler-1 drops clients that wait for 20 s (query_wait_timeout)',
      ].join('\n'),
      expected: 'a window that is over within 20 s, with what the steps take',
      next: 'shorten window.drain of test in drydock.yaml, or set drain.queryWaitTimeout: lift, which lifts these limits while traffic is held and puts them back',
      retry: 'stop',
    });
    expect(await problemOf(world, { drainMs: 15_000, workMs: 10_000 })).toMatchObject({
      found: [
        'a window of 25 s: 15 s of quiet and about 10 s of work, as rehearsed without rows',
        'pooler-1 drops clients that wait for 20 s (query_wait_timeout)',
      ].join('\n'),
    });
    // Where the work alone is too long, a shorter drain is no way out.
    expect((await problemOf(world, { drainMs: 1_000, workMs: 20_000 }))?.next).toMatch(
      /^set drain\.queryWaitTimeout: lift, /,
    );
  });

  it('counts how long a login may take where the pooler asks the database who may log in', async () => {
    const settings = 'pool_mode = transaction\nquery_wait_timeout = 0\nclient_login_timeout = 10';
    const asked = await poolerWorld({ settings: `${settings}\nauth_user = postgres` });
    expect((await problemOf(asked, { drainMs: 30_000 }))?.found).toContain(
      'pooler-1 drops clients that wait for 10 s (client_login_timeout)',
    );
    const listed = await poolerWorld({ settings });
    expect(await problemOf(listed, { drainMs: 30_000 })).toBeUndefined();
  });

  it('of any length can be held where the limits are lifted', async () => {
    const world = await poolerWorld({ drain: { queryWaitTimeout: 'lift' } });
    expect(await problemOf(world, { drainMs: 3_600_000 })).toBeUndefined();
  });

  it('that cannot be held ends the run before a person is asked', async () => {
    const { database, poolers } = await poolerWorld();
    const world = await makeWorld({
      servers: { database },
      secrets: { POOLER_ADMIN_URL: poolers[0]!.adminUrl },
      target: `window: { drain: 2m }\ndrain: { kind: pgbouncer, poolers: [{ name: edge, admin: { env: POOLER_ADMIN_URL }, database: ${poolers[0]!.name} }] }`,
    });
    const run = await world.start();
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'failed', problem: { code: 'window-not-holdable' }, approval: null });
    expect(await database.query(`select from pg_namespace where nspname = 'app'`)).toEqual([]);
  });

  it('leaves connections behind that the pooler opens anew', async () => {
    const world = await poolerWorld();
    await world.take();
    await pgbouncer.hold(world.context());
    await pgbouncer.release(world.context());
    expect(await reconnect(world.letGoContext)).toEqual([
      `pooler-1: connections to ${world.poolers[0]!.name} are opened anew as they are given back`,
    ]);
    expect(await reconnect({ ...world.letGoContext, target: { ...world.target, drain: { kind: 'observe' } } })).toEqual(
      [],
    );
  });
});
