/** Who counts as traffic, on a server of its own: workers of subscriptions do, autovacuum and a dump of ours do not. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { proveQuiet } from '../../../src/checks/prove-quiet.ts';
import { checkQuiet } from '../../../src/checks/quiet.ts';
import { describeOffender, sampleQuiet } from '../../../src/checks/quiet-sample.ts';
import { checkTrafficNow } from '../../../src/checks/traffic-now.ts';
import { type PostgresServer, startPostgres } from '../../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../../src/dev/reaper/start-reaper.ts';
import { setupWorld, urlAs, type World } from './world.ts';

const SCOPE = { schemas: ['harbour'], alsoTables: ['core.users'] };
const TABLES = `create schema core; create table core.users (id int primary key);
  create schema harbour; create table harbour.moorings (id int primary key)`;

let world: World;
let reaper: Reaper;
let server: PostgresServer;
const clients: pg.Client[] = [];

beforeAll(async () => {
  world = await setupWorld();
  reaper = startReaper();
  const settings = {
    fsync: 'off',
    wal_level: 'logical',
    autovacuum_naptime: '1s',
    autovacuum_vacuum_cost_delay: '50ms',
  };
  server = await startPostgres({ reaper, settings, binaries: inject('postgres').binaries });
  await (await connectTo('postgres')).query(`create role plain login password 'secret'`);
});
afterAll(async () => {
  for (const client of clients) await client.end().catch(() => undefined);
  await server.stop();
  await reaper.close();
});

async function connectTo(database: string, application = 'drydock:test', user?: string): Promise<pg.Client> {
  const url = server.databaseUrl(database);
  const client = new pg.Client({
    connectionString: user ? urlAs(url, user) : url,
    application_name: application,
  });
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

async function database(name: string): Promise<pg.Client> {
  await server.createDatabase(name);
  const client = await connectTo(name);
  await client.query(TABLES);
  return client;
}

describe('a subscription', () => {
  it('is traffic: its worker is named, whether it is seen with a lock or only by what the counters say', async () => {
    const publisher = await database('publisher');
    await publisher.query('create publication orders for table core.users');
    await publisher.query(`select pg_create_logical_replication_slot('orders', 'pgoutput')`);
    const looker = await database('subscriber');
    await looker.query(`create subscription orders connection '${server.databaseUrl('publisher')}' publication orders
      with (create_slot = false, slot_name = 'orders', copy_data = false)`);
    const arrived = async () => (await looker.query('select count(*)::int as count from core.users')).rows[0].count;
    await publisher.query('insert into core.users values (1)');
    await expect.poll(arrived).toBe(1);

    let looks = 0;
    const onProgress = (): void => {
      looks += 1;
      if (looks === 2) void publisher.query('insert into core.users values (2)');
      // PostgreSQL 14 tells of what a worker has applied when it applies the next transaction.
      if (looks === 15) void publisher.query('insert into core.users values (3)');
    };
    const proof = await proveQuiet(looker, {
      scope: SCOPE,
      forMs: 4_000,
      timeoutMs: 4_500,
      intervalMs: 100,
      onProgress,
    });
    expect(proof.kind).toBe('not-quiet');
    expect(proof.lastSeen[0]).toMatch(/^\d rows? written in core\.users$/);
    expect(proof.lastSeen[1]).toMatch(/^at work meanwhile: subscription orders: pid \d+ \(.*user postgres.*\)$/);

    await looker.query('begin');
    await looker.query('insert into core.users values (4)');
    await publisher.query('insert into core.users values (4)');
    const other = await connectTo('subscriber');
    const seen = async () => (await sampleQuiet(other, SCOPE)).offenders.map(describeOffender);
    await expect
      .poll(seen)
      .toEqual([expect.stringMatching(/^subscription orders: pid \d+ \(.*\) holds .*RowExclusiveLock on core\.users/)]);
    await looker.query('rollback');
    await expect.poll(arrived).toBe(4);
    await looker.query('alter subscription orders disable');
    await looker.query('alter subscription orders set (slot_name = none)');
    await looker.query('drop subscription orders');
  }, 30_000);
});

describe('autovacuum', () => {
  it('is no traffic, also for a role that may not see what it is', async () => {
    const owner = await database('vacuumed');
    await owner.query(
      'alter table harbour.moorings set (autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 0)',
    );
    await owner.query('insert into harbour.moorings select generate_series(1, 50000)');
    await owner.query('delete from harbour.moorings');
    const holds = async () =>
      (
        await owner.query(`select a.backend_type from pg_locks l join pg_stat_activity a using (pid)
        where l.relation = 'harbour.moorings'::regclass and a.pid <> pg_backend_pid()`)
      ).rows.map((row) => row.backend_type);
    await expect.poll(holds, { timeout: 20_000 }).toContain('autovacuum worker');
    for (const looker of [owner, await connectTo('vacuumed', 'drydock:test', 'plain')]) {
      expect((await sampleQuiet(looker, SCOPE)).offenders).toEqual([]);
    }
    expect(await holds()).toContain('autovacuum worker');
    await owner.query('drop table harbour.moorings');
  }, 40_000);
});

describe('writers', () => {
  it('too short to be seen are named as those who were at work, without what they said', async () => {
    const looker = await database('written');
    const writer = await connectTo('written', 'billing');
    const pid = (await writer.query('select pg_backend_pid() as pid')).rows[0].pid;
    let looks = 0;
    const onProgress = (): void => {
      looks += 1;
      if (looks === 20) void writer.query('insert into core.users values (4711)');
    };
    const proof = await proveQuiet(looker, {
      scope: SCOPE,
      forMs: 6_000,
      timeoutMs: 6_000,
      intervalMs: 100,
      onProgress,
    });
    expect(proof.lastSeen).toEqual([
      '1 row written in core.users',
      expect.stringMatching(
        new RegExp(
          `^at work meanwhile: pid ${pid} \\(billing, user postgres, from 127\\.0\\.0\\.1, idle, for [\\d.]+ s\\)$`,
        ),
      ),
    ]);
  }, 40_000);

  it('are told before a drain too', async () => {
    const looker = await database('busy');
    await looker.query('create table harbour.berths (id int)');
    const writer = await connectTo('busy', 'billing');
    let isAtWork = true;
    const work = (async () => {
      for (let id = 0; isAtWork; id += 1) await writer.query('insert into core.users values ($1)', [id]);
    })();
    const outcome = await checkTrafficNow(world.context(server.databaseUrl('busy')), { kind: 'quiet' });
    isAtWork = false;
    await work;
    expect(outcome.status).toBe('passed');
    expect(outcome.summary).toMatch(/^(rows are being written: the drain has to wait for that|1 session at work: .*)$/);
    expect(outcome.evidence.find(({ name }) => name === 'written within a second')?.value).toMatch(
      /^\d+ rows written in core\.users/,
    );
  });
});

describe('a dump of ours', () => {
  it('is no traffic and does not go unseen', async () => {
    await database('dumped');
    const dump = await connectTo('dumped', 'drydock:dump:kim@host');
    await dump.query('begin');
    await dump.query('lock table core.users in access share mode');
    const window = { approvalTimeoutMs: 1, drainMs: 200, drainTimeoutMs: 2_000 };
    const outcome = await checkQuiet(world.context(server.databaseUrl('dumped'), { window }), { kind: 'quiet' });
    expect(outcome.status).toBe('passed');
    expect(outcome.evidence.find(({ name }) => name === 'dumps of ours, no traffic')?.value).toMatch(
      /^pid \d+ \(drydock:dump:kim@host\), since /,
    );
  });
});
