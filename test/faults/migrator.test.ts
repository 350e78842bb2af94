/** What becomes of a migration when its session, its locks or its owner go wrong, on a real server, within this process. */
import { expect, it } from 'vitest';
import { migratorLockKey, tryLock } from '../../src/postgres/advisory-lock.ts';
import { ownerApplicationName } from '../../src/postgres/application-name.ts';
import { connect } from '../../src/postgres/connect.ts';
import { advisoryLocks, HASTY, kinds, problemOf, setup, until, type World } from '../postgres/migrator/world.ts';

const WIDER = {
  '004_wider': ['alter table app.parents add column more int;', 'alter table app.parents drop column more;'],
} as const;

/** A world with three migrations applied and one that needs ACCESS EXCLUSIVE on a table in use pending. */
async function setupWider(): Promise<World> {
  const world = await setup();
  await world.open().migrate();
  await world.write('004_wider.up.sql', WIDER['004_wider'][0]);
  await world.write('004_wider.down.sql', WIDER['004_wider'][1]);
  world.events.length = 0;
  return world;
}

it('readers behind a waiting migration wait no longer than its lock timeout, and it gets through in the end', async () => {
  const world = await setupWider();
  const inTheWay = await world.database.connect({ application_name: 'long-report' });
  await inTheWay.query('begin; select * from app.parents');
  const lockTimeoutMs = 300;
  const running = world.open({ lockPolicy: { lockTimeoutMs, totalMs: 60_000, pausesMs: [50] } }).migrate();
  const reader = await world.database.connect();
  const waits: number[] = [];
  let stop = false;
  const reading = (async () => {
    while (!stop) {
      const begun = performance.now();
      await reader.query('select * from app.parents');
      waits.push(performance.now() - begun);
    }
  })();
  await until(() => world.events.filter(({ kind }) => kind === 'lock-timeout').length >= 4);
  stop = true;
  await reading;
  await inTheWay.query('commit');
  expect(await running).toHaveLength(1);
  // They did have to wait, and never much longer than one try.
  expect(Math.max(...waits)).toBeGreaterThan(lockTimeoutMs / 3);
  expect(Math.max(...waits)).toBeLessThan(lockTimeoutMs * 2);
  const named = world.events.filter((event) => event.kind === 'lock-timeout')[1]!;
  expect(named).toMatchObject({
    doing: 'applying 004_wider',
    attempt: 2,
    blockers: [
      {
        application: 'long-report',
        state: 'idle in transaction',
        wanted: 'AccessExclusiveLock on app.parents',
        holds: 'AccessShareLock',
      },
    ],
  });
});

it('where the locks never come it gives up, says who was in the way, and has changed nothing', async () => {
  const world = await setupWider();
  const inTheWay = await world.database.connect({ application_name: 'long-report' });
  await inTheWay.query('begin; select * from app.parents');
  const migrator = world.open({ lockPolicy: { ...HASTY, totalMs: 500 } });
  const before = await migrator.fingerprint();
  expect(await problemOf(migrator.migrate())).toEqual({
    code: 'lock-timeout',
    message: 'applying 004_wider did not get its locks in 500 ms',
    found: expect.stringMatching(
      /^pid \d+ \(long-report, user postgres, from 127.0.0.1, idle in transaction, for [\d.]+ s\) holds AccessShareLock, we want AccessExclusiveLock on app.parents$/,
    ),
    expected: 'no other session that holds locks on these tables for longer than a moment; nothing was changed',
    next: 'let those sessions finish or end them, then run the same command again',
    retry: 'retry',
    sqlstate: '55P03',
  });
  await inTheWay.query('commit');
  expect((await migrator.fingerprint()).digest).toBe(before.digest);
  expect(await world.ledger()).toHaveLength(3);
  // The same migrator goes on: no transaction and no lock was left behind.
  expect(await migrator.migrate()).toHaveLength(1);
});

it('an abort cancels the statement that runs, and gives every lock back', async () => {
  const world = await setup({
    migrations: { '001_slow': ['create schema app; select pg_sleep(600);', 'drop schema app;'] },
  });
  const controller = new AbortController();
  const migrator = world.open({ signal: controller.signal });
  const running = migrator.migrate();
  running.catch(() => undefined);
  await until(
    async () =>
      (
        await world.database.query(
          `select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`,
        )
      ).length === 1,
  );
  controller.abort();
  expect(await problemOf(running)).toEqual({
    code: 'interrupted',
    message: 'the work was interrupted',
    found: 'what was not committed is rolled back; what was committed is in the ledger',
    next: 'run `status`, then the same command again: it goes on from there',
    retry: 'retry',
  });
  expect(await advisoryLocks(world.database)).toEqual([]);
  expect(await world.database.query(`select to_regnamespace('app') as app`)).toEqual([{ app: null }]);
});

it('an abort ends a wait for locks, too', async () => {
  const world = await setupWider();
  const inTheWay = await world.database.connect();
  await inTheWay.query('begin; select * from app.parents');
  const controller = new AbortController();
  const running = world
    .open({ signal: controller.signal, lockPolicy: { pausesMs: [60_000], totalMs: 600_000 } })
    .migrate();
  running.catch(() => undefined);
  await until(() => kinds(world.events).includes('lock-timeout'));
  controller.abort();
  expect(await problemOf(running)).toMatchObject({ code: 'interrupted' });
});

it('a session that is ended from outside loses nothing that was committed', async () => {
  const world = await setup({
    migrations: {
      '001_schema': ['create schema app;', 'drop schema app;'],
      '002_slow': [
        'create table app.t (); select pg_sleep(case when current_setting($$app.fast$$, true) is null then 600 else 0 end);',
        'drop table app.t;',
      ],
    },
  });
  const running = world.open().migrate();
  running.catch(() => undefined);
  await until(
    async () =>
      (
        await world.database.query(
          `select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`,
        )
      ).length === 1,
  );
  await world.database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`,
  );
  expect(await problemOf(running)).toMatchObject({
    code: 'connection-lost',
    retry: 'retry',
    next: 'run the same command again: what was committed is in the ledger, the rest was rolled back',
  });
  expect(await world.ledger()).toEqual(['001 1/1']);
  await world.database.query(`alter database ${world.database.name} set app.fast = 'yes'`);
  expect(await world.open().migrate()).toHaveLength(1);
});

it('the backend of an earlier attempt of the same owner is ended, that of anybody else is waited for', async () => {
  const world = await setup();
  const attemptOf = 'run-1:001';
  const orphan = await connect({ url: world.database.url, applicationName: ownerApplicationName(attemptOf) });
  await tryLock(orphan.client, migratorLockKey('app'), 'exclusive');
  const stranger = world.open({
    owner: { appliedBy: 'other', runId: 'run-2', attemptOf: 'run-2:001' },
    lockPolicy: { migratorWaitMs: 100 },
  });
  expect(await problemOf(stranger.migrate())).toMatchObject({ code: 'migrator-lock-held' });
  const next = world.open({ owner: { appliedBy: 'worker', runId: 'run-1', attemptOf } });
  expect(await next.migrate()).toHaveLength(3);
  expect(world.events.find(({ kind }) => kind === 'orphan-ended')).toMatchObject({ holder: { pid: orphan.pid } });
  await expect(orphan.client.query('select 1')).rejects.toThrow();
});

it('a row that another session forces into the ledger fails the migration, and its file leaves nothing', async () => {
  const world = await setup({
    migrations: {
      '001_schema': ['create schema app;', 'drop schema app;'],
      '002_slow': ['create table app.t (); select pg_advisory_lock(4711);', 'drop table app.t;'],
    },
  });
  const other = await world.database.connect();
  await other.query('select pg_advisory_lock(4711)');
  const running = world.open({ lockPolicy: { lockTimeoutMs: 0 } }).migrate();
  running.catch(() => undefined);
  await until(async () => (await world.ledger()).length === 1);
  await until(async () => (await advisoryLocks(world.database)).some(({ granted }) => !granted));
  await other.query(
    `insert into app.schema_migrations select '002', name, up_checksum, down_checksum, started_at, finished_at, parts_done, parts_total, duration_ms, applied_by, run_id, drydock_version from app.schema_migrations`,
  );
  await other.query('select pg_advisory_unlock(4711)');
  expect(await problemOf(running)).toMatchObject({
    code: 'migration-failed',
    message: 'applying 002_slow failed: duplicate key value violates unique constraint "schema_migrations_pkey"',
    sqlstate: '23505',
  });
  expect(await world.database.query(`select to_regclass('app.t') as t`)).toEqual([{ t: null }]);
});
