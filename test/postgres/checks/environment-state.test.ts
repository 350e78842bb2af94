import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkEnvironmentWithin } from '../../../src/checks/environment.ts';
import { ENVIRONMENT_LIMITS, type EnvironmentLimits } from '../../../src/checks/target/limits.ts';
import { type PostgresServer, startPostgres } from '../../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../../src/dev/reaper/start-reaper.ts';
import { CREATE_HOLDS } from '../../../src/drain/lease/holds-table.ts';
import type { CheckOutcome } from '../../../src/model/outcome.ts';
import { databaseAt, type TestDatabase } from '../../support/postgres.ts';
import { setupWorld, urlAs, type World } from './world.ts';

/** A server of its own: what is left on it would be in the way of other tests. */
describe('the state of the database, in the check "environment"', () => {
  let world: World;
  let reaper: Reaper;
  let server: PostgresServer;
  let database: TestDatabase;

  beforeAll(async () => {
    world = await setupWorld();
    reaper = startReaper();
    server = await startPostgres({
      reaper,
      settings: { fsync: 'off', wal_level: 'logical', max_prepared_transactions: '5', autovacuum_naptime: '1s' },
    });
    database = databaseAt(await server.createDatabase('harbour'));
    await database.query(`create schema core; create table core.users (id uuid primary key);
      create schema harbour; create table harbour.berths (id int primary key, name text);
      create role plain login password 'secret'`);
  });
  afterAll(async () => {
    await database.drop();
    await server.stop();
    await reaper.close();
  });

  function look(limits: Partial<EnvironmentLimits> = {}, url = database.url): Promise<CheckOutcome> {
    return checkEnvironmentWithin(world.context(url), { ...ENVIRONMENT_LIMITS, ...limits });
  }

  const said = ({ evidence }: CheckOutcome, name: string) => evidence.find((one) => one.name === name)?.value;

  it('names what new tables and their rows would meet of replication, and judges none of it', async () => {
    await database.query(`create publication everything for all tables;
      create publication users_only for table core.users; create table public.other (id int);
      create publication elsewhere for table public.other`);
    await database.query(
      `create subscription feed connection 'host=127.0.0.1 dbname=nowhere' publication x with (connect = false, slot_name = none)`,
    );
    await database.query(`create function public.watch() returns event_trigger language plpgsql as 'begin end';
      create event trigger audit on ddl_command_end when tag in ('CREATE TABLE') execute function public.watch();
      create event trigger sleeping on sql_drop execute function public.watch(); alter event trigger sleeping disable`);
    const outcome = await look();
    expect(outcome.status).toBe('passed');
    const joins = 'new tables join it: subscribers need them before rows are written';
    expect(said(outcome, 'publications')).toBe(
      `everything (owner postgres) FOR ALL TABLES: ${joins}\nusers_only (owner postgres) publishes core.users`,
    );
    expect(said(outcome, 'subscriptions')).toBe('feed (disabled) writes into none of these tables');
    expect(said(outcome, 'event triggers')).toBe(
      'audit (owner postgres) runs public.watch() on ddl_command_end of CREATE TABLE',
    );
    await database.query('drop publication everything; drop event trigger audit; drop event trigger sleeping');
    await database.query('create publication whole for tables in schema harbour');
    expect(said(await look(), 'publications')).toBe(
      `users_only (owner postgres) publishes core.users\nwhole (owner postgres) FOR TABLES IN SCHEMA harbour: ${joins}`,
    );
    await database.query('drop publication users_only; drop publication whole; drop subscription feed');
  });

  it('fails where a slot that nobody reads keeps too much WAL', async () => {
    await database.query(`select pg_create_logical_replication_slot('billing', 'pgoutput')`);
    await database.query('create table public.filler as select generate_series(1, 10000) as id');
    expect((await look()).status).toBe('passed');
    const { problem } = await look({ inactiveSlotBytes: 1000 });
    expect(problem).toEqual({
      retry: 'stop',
      code: 'slot-keeps-wal',
      message: '1 replication slot that nobody reads may fill the disk',
      found: expect.stringMatching(/^billing \(logical of harbour, inactive\) keeps [\d.]+ [kM]B of WAL$/),
      expected: 'at most 1000 bytes kept by an inactive slot',
      next: "start what reads it, or SELECT pg_drop_replication_slot('billing') where nobody does any more",
    });
    await database.query(`select pg_drop_replication_slot('billing')`);
  });

  it('fails where transactions are too old, or idle for too long, and never shows what they ran', async () => {
    const idler = await database.connect({ application_name: 'billing' });
    await idler.query(`begin; select 'a secret of the query'`);
    expect((await look()).status).toBe('passed');
    const old = await look({ oldTransactionMs: 1 });
    const named = /^pid \d+ \(billing, user postgres, from 127\.0\.0\.1, idle in transaction, for [\d.]+ s\)$/;
    expect(old.problem).toEqual({
      retry: 'stop',
      code: 'old-transaction',
      message: '1 transaction older than 1 ms',
      found: expect.stringMatching(named),
      expected: 'none: CREATE INDEX CONCURRENTLY waits for every transaction that began before it',
      next: expect.stringMatching(
        /^wait until it has ended, or SELECT pg_terminate_backend\(\d+\); then retry this item$/,
      ),
    });
    expect(said(old, 'idle in transaction')).toMatch(named);
    expect((await look({ idleInTransactionMs: 1 })).problem).toMatchObject({
      code: 'idle-in-transaction',
      message: '1 session idle in a transaction for more than 1 ms',
    });
    expect(JSON.stringify(old)).not.toContain('a secret of the query');
    await idler.end();
  });

  it('fails where a prepared transaction was forgotten', async () => {
    await database.query(`begin; insert into core.users values (gen_random_uuid()); prepare transaction 'it''s mine'`);
    expect((await look()).status).toBe('passed');
    expect((await look({ preparedMs: 1 })).problem).toMatchObject({
      code: 'prepared-transaction-forgotten',
      message: '1 prepared transaction older than 1 ms',
      found: expect.stringMatching(/^'it's mine' \(owner postgres, for [\d.]+ m?s\)$/),
      next: expect.stringContaining(`ROLLBACK PREPARED 'it''s mine'`),
    });
    await database.query(`rollback prepared 'it''s mine'`);
  });

  it('fails where the disk has less room than a copy of the owned tables needs', async () => {
    const { problem } = await look({ freeBytes: 1024 ** 6 });
    expect(problem).toMatchObject({
      code: 'disk-nearly-full',
      found: expect.stringMatching(/^free: [\d.]+ [GT]B for data$/),
    });
  });

  it('says that free disk is not known where the role may not see the data directory', async () => {
    await database.query(`grant create on database harbour to plain; grant usage on schema core to plain;
      grant references on core.users to plain`);
    const outcome = await look({}, urlAs(database.url, 'plain'));
    expect(said(outcome, 'free disk')).toBe(
      'cannot be known by SQL, and the data directory cannot be looked at: the data directory is not shown to this role (pg_monitor shows it)',
    );
    expect(said(outcome, 'role')).toBe('plain, without pg_monitor: other sessions are hidden');
    expect(outcome.problem?.found).toBe(
      "role plain may not create in the schema harbour\nharbour.berths belongs to postgres; role plain cannot alter or drop what is another's",
    );
  });

  it('names sessions that are hidden, and what the role may not ask, instead of failing for it', async () => {
    const other = await database.connect({ application_name: 'hidden' });
    await other.query('begin; select 1');
    await database.query('revoke select on pg_prepared_xacts from public');
    await database.query('revoke execute on function pg_control_system() from public');
    const outcome = await look({}, urlAs(database.url, 'plain'));
    expect(said(outcome, 'sessions not visible')).toMatch(/^\d+: grant pg_monitor to this role to see what they do$/);
    expect(said(outcome, 'prepared transactions')).toBe('not visible to this role');
    expect(said(outcome, 'system identifier')).toBe('not visible to this role');
    expect(said(outcome, 'timeline')).toBe('1');
    expect(said(outcome, 'event triggers')).toBe('none');
    await database.query('grant select on pg_prepared_xacts to public');
    await database.query('grant execute on function pg_control_system() to public');
    await other.end();
  });

  it('names a base backup that runs', async () => {
    const url = new URL(database.url);
    url.searchParams.set('replication', 'database');
    const backup = new pg.Client({ connectionString: url.href });
    backup.on('error', () => undefined);
    await backup.connect();
    // Slow enough to be seen; cut off as soon as it was.
    backup.query(`BASE_BACKUP (CHECKPOINT 'fast', MAX_RATE 32)`).catch(() => undefined);
    const backups = async () => said(await look(), 'base backups');
    await expect.poll(backups, { timeout: 20_000 }).toMatch(/^pid \d+: streaming database files, [\d.]+ [kM]?B/);
    const { rows } = await (await database.connect()).query(
      'select pg_terminate_backend(pid, 5000) as gone from pg_stat_progress_basebackup',
    );
    expect(rows).toEqual([{ gone: true }]);
    await backup.end().catch(() => undefined);
  });

  it('names what an abandoned run left, and fails where the lease of its hold is over', async () => {
    await database.query(`insert into harbour.berths values (1, 'a'), (2, 'a')`);
    await expect(
      database.query('create unique index concurrently berths_name on harbour.berths (name)'),
    ).rejects.toThrow('could not create unique index');
    await database.query(`create table harbour.schema_migrations (version text, name text, parts_done int,
      parts_total int, finished_at timestamptz);
      insert into harbour.schema_migrations values ('001', 'schema', 1, 1, now()), ('002', 'berths', 1, 3, null)`);
    await database.query(`create schema drydock; ${CREATE_HOLDS};
      insert into drydock.holds (token, workflow_id, run_id, namespace, target, lease_ms, expires_at)
      values (7, 'harbour/gone', 'r', 'default', 'test', 30000, now() + interval '1 hour')`);
    const held = await look();
    expect(held.status).toBe('passed');
    expect(said(held, 'invalid indexes')).toBe(
      'harbour.berths_name: a build was cut off; a pending migration that makes it makes it anew, else DROP INDEX CONCURRENTLY harbour.berths_name',
    );
    expect(said(held, 'unfinished migrations')).toBe('002 berths: 1 of 3 parts done');
    expect(said(held, 'hold')).toMatch(/^harbour\/gone, lease until \d{4}-/);
    await database.query(`update drydock.holds set expires_at = now() - interval '1 minute'`);
    expect((await look()).problem).toEqual({
      retry: 'stop',
      code: 'hold-left-behind',
      message: 'a run that is gone has left traffic or consumers held',
      found: expect.stringMatching(/^harbour\/gone, lease over since \d{4}-/),
      expected: 'no hold whose lease is over',
      next: 'run `release` for this target, and retry this item',
    });
    await database.query(`update drydock.holds set let_go_at = now(), let_go_by = 'guard', ended_at = now()`);
    expect(said(await look(), 'hold')).toBe('none');
  });

  it('says everything that is wrong at once', async () => {
    const idler = await database.connect({ application_name: 'billing' });
    await idler.query('begin; select 1');
    const { problem } = await look({ oldTransactionMs: 1, freeBytes: 1024 ** 6 });
    expect(problem).toMatchObject({
      code: 'disk-nearly-full',
      message: 'the disk of the database is nearly full; 1 transaction older than 1 ms',
      found: expect.stringMatching(/^free: .+\npid \d+ \(billing, /),
    });
    await idler.end();
  });

  it('fails while a vacuum against wraparound is at work on a table that we lock', async () => {
    // A table that asks for it after 100 000 transactions, and a vacuum that is held back so that it can be seen.
    await database.query(`insert into core.users select gen_random_uuid() from generate_series(1, 20000);
      alter table core.users set (autovacuum_freeze_max_age = 100000, autovacuum_vacuum_cost_delay = 100,
        autovacuum_vacuum_cost_limit = 1)`);
    const burner = await database.connect();
    await burner.query('set synchronous_commit = off');
    await burner.query(`do $$ begin
      for i in 1 .. 101000 loop perform pg_current_xact_id(); commit; end loop;
    end $$`);
    const problem = async () => (await look()).problem;
    await expect.poll(problem, { timeout: 60_000 }).toEqual({
      retry: 'stop',
      code: 'wraparound-vacuum',
      message: 'a vacuum against wraparound is at work on 1 table that we lock',
      found: expect.stringMatching(/^pid \d+ on core\.users$/),
      expected: 'none: it does not give way to a lock',
      next: 'wait until it has ended (SELECT * FROM pg_stat_progress_vacuum), then retry this item; do not cancel it',
    });
    const plain = await look({}, urlAs(database.url, 'plain'));
    expect(said(plain, 'vacuum not visible')).toBe('on core.users: grant pg_monitor to see whether it gives way');
  });
});
