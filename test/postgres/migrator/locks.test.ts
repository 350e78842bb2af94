/** Waiting for locks on a real server: who waits for whom, for how long, who is named, and who may be ended for it. */
import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { eventText } from '../../../src/report/migrator/event-text.ts';
import { of, setupWider } from './locks-world.ts';
import { HASTY, kinds, problemOf, until, type World } from './world.ts';

describe('readers and writers behind a migration that waits', () => {
  /** Clients that query without a pause; gives back the longest time each kind had to wait. */
  async function hammer(world: World) {
    const longestMs = { read: 0, write: 0 };
    let queries = 0;
    let stop = false;
    const one = async (client: pg.Client, kind: 'read' | 'write', sql: string) => {
      while (!stop) {
        const begun = performance.now();
        await client.query(sql);
        longestMs[kind] = Math.max(longestMs[kind], performance.now() - begun);
        queries += 1;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    const all = [
      one(await world.database.connect(), 'read', 'select count(*) from app.parents'),
      one(await world.database.connect(), 'read', 'select name from app.parents where id = 1'),
      one(await world.database.connect(), 'write', `insert into app.parents select max(id) + 1, 'w' from app.parents`),
      one(await world.database.connect(), 'read', 'select count(*) from app.children'),
    ];
    return {
      longestMs,
      queries: () => queries,
      stop: async () => {
        stop = true;
        await Promise.all(all);
      },
    };
  }

  it.each([
    ['one table', 'alter table app.parents add column more int;'],
    ['several tables', 'alter table app.children add column more int;\nalter table app.parents add column more int;'],
  ])('wait no longer than its lock timeout, with %s, and it gets through when the way is free', async (_, up) => {
    const world = await setupWider(up);
    await world.database.query(`insert into app.parents values (1, 'one')`);
    const inTheWay = await world.database.connect({ application_name: 'long-report' });
    await inTheWay.query('begin; select * from app.parents');
    const lockTimeoutMs = 400;
    const hammering = await hammer(world);
    const running = world.open({ lockPolicy: { lockTimeoutMs, totalMs: 60_000, pausesMs: [50] } }).migrate();
    await until(() => of(world, 'lock-timeout').length >= 6);
    await inTheWay.query('commit');
    expect(await running).toHaveLength(1);
    await hammering.stop();
    const longestMs = Math.max(hammering.longestMs.read, hammering.longestMs.write);
    expect(hammering.queries()).toBeGreaterThan(20);
    // They were in the queue, and left it with the try that they stood behind.
    expect(longestMs).toBeGreaterThan(lockTimeoutMs / 3);
    expect(longestMs).toBeLessThan(lockTimeoutMs + 500);
    expect(of(world, 'lock-timeout').some(({ queuedBehind }) => queuedBehind >= 2)).toBe(true);
  });

  it('do not stand behind what waits long: a constraint is validated beside them', async () => {
    const world = await setupWider('alter table app.parents add constraint named check (name <> $$$$) not valid;');
    await world.open().migrate();
    await world.write('005_validate.up.sql', 'alter table app.parents validate constraint named;');
    await world.write('005_validate.down.sql', 'select 1;');
    world.events.length = 0;
    const vacuum = await world.database.connect({ application_name: 'somebody' });
    await vacuum.query('begin; lock table app.parents in share update exclusive mode');
    // Three seconds and no try given up: it is no statement that comes back every 100 ms.
    const running = world.open().migrate();
    await until(() => kinds(world.events).includes('waiting-for-sessions'));
    await world.database.query('select * from app.parents');
    await world.database.query(`insert into app.parents values (7, 'x')`);
    await vacuum.query('commit');
    await running;
    expect(kinds(world.events)).not.toContain('lock-timeout');
    expect(of(world, 'waiting-for-sessions')).toMatchObject([
      {
        doing: 'applying 005_validate',
        queuedBehind: 0,
        blockers: [
          {
            application: 'somebody',
            wanted: 'ShareUpdateExclusiveLock on app.parents',
            holds: 'ShareUpdateExclusiveLock',
          },
        ],
      },
    ]);
  });
});

describe('limits of a file of its own', () => {
  it('do not outlast the policy: a lock timeout that it switches off is ours again for its next statement', async () => {
    const world = await setupWider('set lock_timeout = 0;\nalter table app.parents add column more int;');
    const inTheWay = await world.database.connect();
    await inTheWay.query('begin; select * from app.parents');
    const running = world.open().migrate();
    await until(() => of(world, 'lock-timeout').length >= 2);
    await inTheWay.query('commit');
    await running;
    expect(of(world, 'limit-kept')).toEqual([
      { kind: 'limit-kept', doing: 'applying 004_wider', line: 1, setting: 'lock_timeout', asked: '0', keptMs: 100 },
    ]);
    expect(eventText(of(world, 'limit-kept')[0]!)).toBe(
      '  applying 004_wider: line 1 asks for lock_timeout = 0; 100 ms is kept',
    );
  });

  it.each([
    ['set_config', `select set_config('lock_timeout', '0', false);\nalter table app.parents add column more int;`],
    ['a block', `do $$ begin set lock_timeout = 0; end $$;\nalter table app.parents add column more int;`],
    ['reset all', `set lock_timeout = 0;\nreset all;\nalter table app.parents add column more int;`],
    ['a part before it', `set lock_timeout = 0;\nvacuum app.children;\nalter table app.parents add column more int;`],
  ])('switched off by %s: the same', async (_, up) => {
    const world = await setupWider(up);
    const inTheWay = await world.database.connect();
    await inTheWay.query('begin; select * from app.parents');
    const running = world.open().migrate();
    await until(() => of(world, 'lock-timeout').length >= 2);
    await inTheWay.query('commit');
    await running;
  });

  it('statements on rows have a statement timeout, the others have none, and its problem says what to do', async () => {
    const world = await setupWider(
      'insert into app.parents select 1, pg_sleep(0.3)::text;\nalter table app.parents add column more int;',
    );
    const problem = await problemOf(world.open({ lockPolicy: { ...HASTY, statementTimeoutMs: 100 } }).migrate());
    expect(problem).toEqual({
      code: 'statement-timeout',
      message: 'applying 004_wider failed: canceling statement due to statement timeout',
      found:
        'migrations/app/004_wider.up.sql:1:1\n  1 | insert into app.parents select 1, pg_sleep(0.3)::text;\n      ^',
      expected: 'statements on rows that end within the statement timeout (15 minutes unless it is set otherwise)',
      next: 'change rows in batches; or, where it is meant to take long, run the same command again with --statement-timeout 0s, or set locks.statementTimeout of the target',
      retry: 'stop',
      sqlstate: '57014',
    });
    await world.write(
      '004_wider.up.sql',
      `create function app.slow(t text) returns text immutable language plpgsql as $$ begin perform pg_sleep(0.3); return t; end $$;
       create index slowly on app.parents (app.slow(name));`,
    );
    await world.database.query(`insert into app.parents values (1, 'one')`);
    expect(await world.open({ lockPolicy: { ...HASTY, statementTimeoutMs: 100 } }).migrate()).toHaveLength(1);
  });
});

describe('a blocker is named', () => {
  it('that is a prepared transaction, which has no session', async () => {
    const world = await setupWider();
    const [{ setting }] = (await world.database.query<{ setting: string }>(
      `select setting from pg_settings where name = 'max_prepared_transactions'`,
    )) as [{ setting: string }];
    if (setting === '0') return;
    const other = await world.database.connect();
    await other.query(`begin; insert into app.parents values (1, 'one'); prepare transaction 'billing-7'`);
    const running = world.open().migrate();
    await until(() => of(world, 'lock-timeout').some(({ blockers }) => blockers.length > 0));
    await world.database.query(`commit prepared 'billing-7'`);
    await running;
    const event = of(world, 'lock-timeout').find((one) => one.blockers.length > 0)!;
    const { blockers } = event;
    expect(blockers).toMatchObject([{ pid: 0, prepared: 'billing-7', user: 'postgres', holds: 'RowExclusiveLock' }]);
    expect(eventText(event)).toMatch(
      /\n {4}prepared transaction 'billing-7' \(user postgres, for [\d.]+ s; end it by COMMIT PREPARED or ROLLBACK PREPARED\) holds RowExclusiveLock, we want AccessExclusiveLock on app.parents$/,
    );
  });

  it('that only stands before us in the queue, and whom it waits for', async () => {
    const world = await setupWider();
    const first = await world.database.connect({ application_name: 'first' });
    await first.query('begin; select * from app.parents');
    const second = await world.database.connect({ application_name: 'second' });
    const waiting = second.query('begin; lock table app.parents in access exclusive mode; commit');
    await until(async () => (await world.database.query('select from pg_locks where not granted')).length > 0);
    const running = world.open().migrate();
    await until(() => of(world, 'lock-timeout').some(({ blockers }) => blockers.length === 2));
    await first.query('commit');
    await waiting;
    await running;
    const { blockers } = of(world, 'lock-timeout').find((event) => event.blockers.length === 2)!;
    expect(blockers.map(({ application, holds, waitsFor }) => ({ application, holds, waitsFor }))).toEqual([
      { application: 'first', holds: 'AccessShareLock', waitsFor: null },
      { application: 'second', holds: null, waitsFor: 'AccessExclusiveLock' },
    ]);
  });

  it('whose row is waited for', async () => {
    const world = await setupWider(`update app.parents set name = 'two';`);
    await world.database.query(`insert into app.parents values (1, 'one')`);
    const other = await world.database.connect({ application_name: 'editor' });
    await other.query('begin; select * from app.parents for update');
    const running = world.open().migrate();
    await until(() => of(world, 'lock-timeout').some(({ blockers }) => blockers.length === 1));
    await other.query('commit');
    await running;
    expect(of(world, 'lock-timeout').find(({ blockers }) => blockers.length === 1)!.blockers).toMatchObject([
      { application: 'editor', wanted: 'the end of its transaction', holds: null },
    ]);
  });
});
