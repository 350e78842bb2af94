/** The drain at a real PgBouncer, with clients that work through it the whole time. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { HoldOutcome } from '../../../src/drain/hold.ts';
import { pgbouncer } from '../../../src/drain/pgbouncer/pgbouncer.ts';
import type { Problem } from '../../../src/model/problem.ts';
import { WITHOUT_POOLER } from '../../support/pooler.ts';
import { problemOf, until } from '../migrator/world.ts';
import { poolerWorld, startClients } from './pooler-world.ts';

const refused = (outcome: HoldOutcome): Problem => {
  if (outcome.kind !== 'refused') throw new Error(`expected a refusal, found ${outcome.how}`);
  return outcome.problem;
};

describe.skipIf(WITHOUT_POOLER)(`at a pooler${WITHOUT_POOLER ? ` (skipped: ${WITHOUT_POOLER})` : ''}`, () => {
  it('clients wait while it is held and meet no error, whatever the pooler itself would have let them wait', async () => {
    const world = await poolerWorld({
      settings: 'pool_mode = transaction\nquery_wait_timeout = 2\nclient_login_timeout = 2\ndefault_pool_size = 5',
      drain: { queryWaitTimeout: 'lift' },
    });
    const clients = startClients(world.poolers[0]!.url, 30);
    await until(() => clients.queries() > 300);
    await world.take();
    const outcome = await pgbouncer.hold(world.context());
    expect(outcome).toEqual({
      kind: 'held',
      how: 'clients wait at pooler-1: paused, and no connection to the database is left there',
      lease: { token: '1', expiresAt: null },
      evidence: [
        {
          name: 'paused at pooler-1',
          value: expect.stringMatching(`^${world.poolers[0]!.name}, PgBouncer \\d+\\.\\d+\\.\\d+, in \\d`),
        },
        {
          name: 'lifted at pooler-1',
          value: 'query_wait_timeout 2, client_login_timeout 2: 0 while held',
        },
      ],
    });
    const before = clients.queries();
    await sleep(4_000);
    expect(await pgbouncer.held(world.context())).toEqual({
      kind: 'held',
      how: 'every pooler is paused, and none has a connection to the database',
      evidence: [{ name: 'pooler-1', value: 'paused, 0 server connections', limit: 'paused, 0 server connections' }],
    });
    expect(clients.queries()).toBe(before);
    expect(
      await world.database.query(
        `select from pg_stat_activity where application_name = 'clients' and datname = current_database()`,
      ),
    ).toEqual([]);
    const { how } = await pgbouncer.release(world.context());
    expect(how).toBe(
      `clients go through again: pooler-1: ${world.poolers[0]!.name} resumed, query_wait_timeout = 2, client_login_timeout = 2`,
    );
    await until(() => clients.queries() > before + 300);
    const { errors, longestMs } = await clients.stop();
    expect(errors).toEqual([]);
    expect(longestMs).toBeGreaterThan(3_900);
    expect([
      await world.setting('query_wait_timeout'),
      await world.setting('client_login_timeout'),
      await world.noted(),
    ]).toEqual(['2', '2', []]);
    expect(await pgbouncer.release(world.context())).toMatchObject({ kind: 'nothing-was-held' });
  });

  it('a pause that cannot complete is given up, clients go on, and who was in the way is named', async () => {
    const world = await poolerWorld({ poolers: 2, drain: { pauseTimeoutMs: 1_500 } });
    const [first, second] = world.poolers;
    const clients = startClients(first!.url, 5);
    const stubborn = new pg.Client({ connectionString: second!.url, application_name: 'billing' });
    stubborn.on('error', () => undefined);
    await stubborn.connect();
    await stubborn.query('begin');
    const { rows } = await stubborn.query('select pg_backend_pid() as pid');
    await until(() => clients.queries() > 50);
    await world.take();
    const problem = refused(await pgbouncer.hold(world.context()));
    expect(problem).toEqual({
      code: 'pooler-pause-timeout',
      message: `${second!.name} could not be paused at the pooler pooler-2 within 1.5 s; it was resumed`,
      found: expect.stringMatching(
        new RegExp(
          `^pid ${rows[0].pid}, user postgres, application billing from 127\\.0\\.0\\.1:\\d+, active, idle in transaction, in a transaction for \\d`,
        ),
      ),
      expected: 'every transaction at its end by then',
      next: 'end these transactions or what they belong to, or give pauseTimeout more time, and retry',
      retry: 'stop',
    });
    // Nobody's later PAUSE settles what was given up, and the one that was in the way was not cut off.
    expect([await world.isPaused(first), await world.isPaused(second), await world.noted()]).toEqual([
      false,
      false,
      [],
    ]);
    expect((await stubborn.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await stubborn.query('commit');
    const before = clients.queries();
    await until(() => clients.queries() > before + 50);
    expect(await pgbouncer.hold(world.context())).toMatchObject({ kind: 'held' });
    await pgbouncer.release(world.context());
    await stubborn.end();
    const { errors, longestMs } = await clients.stop();
    expect(errors).toEqual([]);
    expect(longestMs).toBeLessThan(5_000);
  });

  it('session pooling is refused before anything is touched', async () => {
    const world = await poolerWorld({ settings: 'pool_mode = session' });
    await world.take();
    expect(refused(await pgbouncer.hold(world.context()))).toEqual({
      code: 'pooler-session-mode',
      message: `the pooler pooler-1 pools ${world.poolers[0]!.name} by session, and PAUSE would wait for every client to leave`,
      found: 'pool_mode session',
      expected: 'pool_mode transaction or statement',
      next: `set pool_mode=transaction for ${world.poolers[0]!.name} at pooler-1, or use drain: { kind: read-only }`,
      retry: 'stop',
    });
    expect(await world.noted()).toEqual([]);
  });

  it('session pooling of one database is refused where the pooler itself does otherwise', async () => {
    const world = await poolerWorld({ pooler: { databaseSettings: 'pool_mode=session' } });
    await world.take();
    expect(refused(await pgbouncer.hold(world.context())).code).toBe('pooler-session-mode');
  });

  it('a pooler that was killed while it was held comes back unpaused, and that is seen before the next step', async () => {
    const world = await poolerWorld({ poolers: 2, drain: { queryWaitTimeout: 'lift' } });
    await world.take();
    await pgbouncer.hold(world.context());
    await world.poolers[0]!.restart();
    expect(await pgbouncer.held(world.context())).toMatchObject({
      kind: 'broken',
      problem: {
        code: 'pooler-not-paused',
        message: `the pooler pooler-1 lets traffic to ${world.poolers[0]!.name} through again`,
        found: 'paused = 0: it was restarted, or somebody resumed it',
      },
      evidence: [
        { name: 'pooler-1', value: 'not paused, 0 server connections' },
        { name: 'pooler-2', value: 'paused, 0 server connections' },
      ],
    });
    expect(await pgbouncer.release(world.context())).toMatchObject({ kind: 'released' });
    expect([
      await world.isPaused(world.poolers[0]),
      await world.isPaused(world.poolers[1]),
      await world.noted(),
    ]).toEqual([false, false, []]);
    expect(await world.setting('query_wait_timeout', world.poolers[1])).toBe('120');
  });

  it('where one of several poolers is down, none is paused', async () => {
    const world = await poolerWorld({ poolers: 2 });
    await world.poolers[1]!.kill();
    await world.take();
    expect(await problemOf(pgbouncer.hold(world.context()))).toMatchObject({
      code: 'pooler-unreachable',
      retry: 'retry',
    });
    expect([await world.isPaused(), await world.noted()]).toEqual([false, []]);
  });

  it('what somebody else has paused is left to them', async () => {
    const world = await poolerWorld();
    await world.admin(`PAUSE "${world.poolers[0]!.name}"`);
    await world.take();
    expect(refused(await pgbouncer.hold(world.context())).code).toBe('pooler-paused-by-other');
    expect(await world.isPaused()).toBe(true);
  });

  it('held twice by the same run is held once', async () => {
    const world = await poolerWorld({ drain: { queryWaitTimeout: 'lift' } });
    await world.take();
    await pgbouncer.hold(world.context());
    expect(await pgbouncer.hold(world.context())).toMatchObject({ kind: 'held' });
    await pgbouncer.release(world.context());
    expect([await world.isPaused(), await world.setting('query_wait_timeout')]).toEqual([false, '120']);
  });

  it('a process that slept through the end of its lease and pauses late lets clients through again at once', async () => {
    const world = await poolerWorld({ drain: { queryWaitTimeout: 'lift', pauseTimeoutMs: 30_000 } });
    const slow = new pg.Client({ connectionString: world.poolers[0]!.url });
    slow.on('error', () => undefined);
    await slow.connect();
    await slow.query('begin');
    await world.take();
    const holding = problemOf(pgbouncer.hold(world.context()));
    await until(() => world.isPaused());
    // What a guard does first; that it resumes comes before the late pause is complete.
    await world.database.query(
      `update drydock.holds set let_go_at = now(), let_go_by = 'guard'; delete from drydock.held_things`,
    );
    await slow.query('commit');
    expect(await holding).toMatchObject({ code: 'hold-lost' });
    expect([await world.isPaused(), await world.setting('query_wait_timeout')]).toEqual([false, '120']);
    await slow.end();
  });

  it('a client that comes to a paused pooler for the first time waits like the others', async () => {
    const world = await poolerWorld({
      drain: { queryWaitTimeout: 'lift' },
      settings: 'pool_mode = transaction\nclient_login_timeout = 2',
    });
    await world.take();
    await pgbouncer.hold(world.context());
    const clients = startClients(world.poolers[0]!.url, 3);
    await sleep(3_500);
    expect(clients.queries()).toBe(0);
    await pgbouncer.release(world.context());
    await until(() => clients.queries() > 20);
    expect((await clients.stop()).errors).toEqual([]);
    // It would have kept them for its 15 s after RESUME, and so past the limit.
    expect([await world.setting('client_login_timeout'), await world.setting('server_login_retry')]).toEqual([
      '2',
      '15',
    ]);
  });

  it('a console that may only look is refused with the right that is missing', async () => {
    const world = await poolerWorld();
    await world.take();
    const secret = async () => world.poolers[0]!.statsUrl;
    expect(await problemOf(pgbouncer.hold(world.context('1', { secret })))).toMatchObject({
      code: 'pooler-rights-missing',
    });
    expect(await world.noted()).toEqual([]);
  });
});
