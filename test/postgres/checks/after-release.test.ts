/** What happens around the return of traffic, on a server of its own that collects its log, with a replica. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { analyzeTables } from '../../../src/checks/after/analyze.ts';
import { watchAfterRelease } from '../../../src/checks/after/watch.ts';
import { type PostgresServer, startPostgres } from '../../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../../src/dev/reaper/start-reaper.ts';
import type { CheckOutcome } from '../../../src/model/outcome.ts';
import { type Replica, startReplica } from '../../support/replica.ts';
import { setupWorld, TARGET, urlAs, type World } from './world.ts';

const TABLES = `create schema core; create table core.users (id int primary key);
  create schema harbour; create table harbour.berths (id int primary key, ship text);
  grant usage on schema core, harbour to public; grant select, insert, update, delete on all tables in schema core, harbour to public;`;

let world: World;
let reaper: Reaper;
let server: PostgresServer;
let replica: Replica | undefined;
const clients: pg.Client[] = [];

beforeAll(async () => {
  world = await setupWorld();
  reaper = startReaper();
  const settings = {
    fsync: 'off',
    wal_level: 'replica',
    logging_collector: 'on',
    deadlock_timeout: '100ms',
    autovacuum: 'off',
  };
  server = await startPostgres({ reaper, settings, binaries: inject('postgres').binaries });
  await (await connectTo('postgres')).query(`create role plain login password 'secret'`);
}, 60_000);
afterAll(async () => {
  for (const client of clients) await client.end().catch(() => undefined);
  await replica?.stop();
  await server.stop();
  await reaper.close();
});

async function connectTo(database: string, application = 'app', user?: string): Promise<pg.Client> {
  const url = server.databaseUrl(database);
  const client = new pg.Client({ connectionString: user ? urlAs(url, user) : url, application_name: application });
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

async function database(name: string): Promise<{ readonly url: string; readonly owner: pg.Client }> {
  const url = await server.createDatabase(name);
  const owner = await connectTo(name, 'drydock:test');
  await owner.query(TABLES);
  return { url, owner };
}

const pidOf = async (client: pg.Client): Promise<number> =>
  (await client.query('select pg_backend_pid() as pid')).rows[0].pid;

const shown = ({ evidence }: CheckOutcome, name: string) => evidence.find((one) => one.name === name)?.value;

describe('statistics before the return of traffic', () => {
  it('are taken of tables that have none or have changed much, and of no others', async () => {
    const { url, owner } = await database('analysed');
    await owner.query('insert into harbour.berths select n from generate_series(1, 500) n');
    expect(await analyzeTables(world.context(url))).toEqual({
      summary: '1 table analysed',
      evidence: [
        { name: 'tables without statistics', value: '1' },
        { name: 'changed much since their last', value: '0' },
        { name: 'analysed', value: '1' },
        { name: 'took', value: expect.stringMatching(/^[\d.]+ m?s$/), limit: '1 min' },
      ],
    });
    const reltuples = async () =>
      (await owner.query(`select reltuples::int as rows from pg_class where oid = 'harbour.berths'::regclass`)).rows[0]
        .rows;
    expect(await reltuples()).toBe(500);
    const again = async () => (await analyzeTables(world.context(url))).summary;
    await expect.poll(again).toBe('every table has statistics already');
    const seed = await connectTo('analysed');
    await seed.query('insert into harbour.berths select n from generate_series(501, 1000) n');
    // What it counted is told when it ends.
    await seed.end();
    await expect.poll(again).toBe('1 table analysed');
    expect(await reltuples()).toBe(1000);
  });

  it('wait for nobody: what is locked, out of time or not ours is left to autovacuum and named', async () => {
    const { url, owner } = await database('locked');
    await owner.query('begin; lock table harbour.berths in share update exclusive mode');
    const locked = await analyzeTables(world.context(url));
    expect(locked.summary).toBe('0 tables analysed, 1 left to autovacuum');
    expect(locked.evidence.at(-1)).toEqual({
      name: 'left to autovacuum',
      value: 'harbour.berths: somebody holds a lock on it',
    });
    await owner.query('rollback');
    const tooShort = await analyzeTables(world.context(url), 0);
    expect(tooShort.evidence.at(-1)?.value).toBe('harbour.berths: the time was over');
    const plain = await analyzeTables(world.context(urlAs(url, 'plain')));
    expect(plain.evidence.at(-1)?.value).toBe('harbour.berths: this role may not analyse it');
  });
});

describe('the watch after the return of traffic', () => {
  it('passes where nothing goes wrong, and says all that it looked at', async () => {
    const { url } = await database('calm');
    const rolled = expect.stringMatching(/^\d+ of \d+ transactions? \([\d.]+ %\), before: [\d.]+ %$/);
    expect(await watchAfterRelease(world.context(url), { forMs: 1_500, lockWaitMs: 500 })).toEqual({
      status: 'passed',
      summary: 'no trouble within 1.5 s after traffic was back',
      evidence: [
        { name: 'watched', value: expect.stringMatching(/^1\.5 s, \d looks$/) },
        { name: 'lock waits on the tables', value: 'none', limit: 'none longer than 500 ms' },
        { name: 'sessions in a failed transaction', value: 'none', limit: 'none' },
        { name: 'rolled back', value: rolled, limit: 'at most 5 % of all more than before' },
        { name: 'deadlocks', value: '0', limit: '0' },
        { name: 'sessions lost', value: '0' },
        { name: 'cancelled because of recovery', value: '0' },
        { name: '"cached plan" failures', value: "0 in the server's log, of all its databases", limit: 'none' },
        { name: 'sessions older than the last migration', value: '0 when traffic came back, 0 at the end' },
        { name: "errors in the server's log", value: '0, of all its databases' },
        { name: 'replicas', value: 'none are expected' },
      ],
      measuredAt: expect.any(String),
    });
  });

  it('finds who waits for whom, who sits in a failed transaction, deadlocks and failed cached plans', async () => {
    const { url, owner } = await database('trouble');
    await owner.query(`insert into harbour.berths values (1, 'Aurora'), (2, 'Borealis')`);
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => connectTo('trouble')));
    await third!.query({ name: 'all', text: 'select * from harbour.berths' });
    await owner.query('alter table harbour.berths add column length int');
    let looks = 0;
    const pids = [await pidOf(first!), await pidOf(second!)];
    const makeTrouble = (): void => {
      looks += 1;
      if (looks !== 1) return;
      void (async () => {
        await expect(third!.query({ name: 'all', text: 'select * from harbour.berths' })).rejects.toMatchObject({
          code: '0A000',
        });
        await first!.query('begin');
        await first!.query(`update harbour.berths set ship = 'Secret' where id = 1`);
        await second!.query('begin');
        await second!.query('update harbour.berths set length = 1 where id = 2');
        const ends = await Promise.allSettled([
          first!.query('update harbour.berths set length = 1 where id = 2'),
          second!.query('update harbour.berths set length = 1 where id = 1'),
        ]);
        // A session tells of a deadlock when its transaction has ended.
        const victim = ends[0]!.status === 'rejected' ? first! : second!;
        setTimeout(() => void victim.query('rollback').then(() => victim.query('select pg_sleep(1.2)')), 2_000);
        await third!.query('begin');
        await third!.query('update harbour.berths set length = 2 where id = 1').catch(() => undefined);
      })();
    };
    const outcome = await watchAfterRelease(
      { ...world.context(url), onProgress: makeTrouble },
      { forMs: 6_000, lockWaitMs: 500 },
    );
    expect(outcome.status).toBe('failed');
    expect(outcome.problem).toMatchObject({
      code: 'trouble-after-release',
      message:
        '1 long lock wait, 1 session in a failed transaction, 1 "cached plan" failure, 1 deadlock within 6 s after traffic was back',
      expected: 'traffic as it was before',
      next: 'nothing was undone: look at what is named here, and roll back if it is the migrations',
      retry: 'stop',
    });
    const who = '\\(app, user postgres, from 127\\.0\\.0\\.1, [a-z ()]+, for [\\d.]+ s\\)';
    const [wait, failed, plans, deadlocks] = outcome.problem!.found!.split('\n');
    expect(wait).toMatch(
      new RegExp(
        `^pid \\d+ ${who} waited [\\d.]+ s for a row that another transaction has, behind pid (${pids.join('|')}) ${who}$`,
      ),
    );
    expect(failed).toMatch(
      new RegExp(
        `^pid (${pids.join('|')}) \\(app, user postgres, from 127\\.0\\.0\\.1, idle in transaction \\(aborted\\), for [\\d.]+ s\\)$`,
      ),
    );
    expect(plans).toBe('prepared statements of sessions from before fail until these sessions are closed');
    expect(deadlocks).toBe('deadlocks in this database: 1');
    expect(shown(outcome, '"cached plan" failures')).toBe("1 in the server's log, of all its databases");
    expect(shown(outcome, 'sessions older than the last migration')).toBe('3 when traffic came back, 3 at the end');
    expect(Number.parseInt(shown(outcome, "errors in the server's log")!, 10)).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(outcome)).not.toMatch(/Secret|update harbour/);
    for (const client of [first, second, third]) await client!.query('rollback').catch(() => undefined);
  }, 30_000);

  it('says so where the log is not for this role, and that it cannot happen where no session is older', async () => {
    const { url } = await database('blind');
    await connectTo('blind');
    const context = world.context(urlAs(url, 'plain'));
    const alone = await watchAfterRelease(context, { forMs: 100, lockWaitMs: 500 });
    expect(shown(alone, '"cached plan" failures')).toMatch(/^cannot be seen: this role may not read it/);
    expect(shown(alone, 'sessions older than the last migration')).toMatch(/^0 and \d+ whose age is not visible/);
  });

  it('knows that cached plans cannot fail where every session is younger than the last migration', async () => {
    const { url } = await database('young');
    const outcome = await watchAfterRelease(world.context(urlAs(url, 'plain')), { forMs: 100, lockWaitMs: 500 });
    expect(shown(outcome, '"cached plan" failures')).toBe(
      'cannot happen: every session began after the last migration',
    );
    expect(shown(outcome, "errors in the server's log")).toMatch(/^not read: this role may not read it/);
  });

  it('goes on after it lost its own connection, and tells', async () => {
    const { url, owner } = await database('lost');
    let looks = 0;
    const onProgress = (): void => {
      looks += 1;
      if (looks === 1)
        void owner.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'drydock:check:after-release'`,
        );
    };
    const outcome = await watchAfterRelease({ ...world.context(url), onProgress }, { forMs: 3_000, lockWaitMs: 500 });
    expect(outcome.problem?.message).toBe('no answer now and then within 3 s after traffic was back');
    expect(shown(outcome, 'could not be asked')).toBe('1 time');
  }, 20_000);

  it('tells a share of rollbacks that was not there before', async () => {
    const { url, owner } = await database('rolled');
    for (let times = 0; times < 200; times += 1) await owner.query('select 1');
    const app = await connectTo('rolled');
    let looks = 0;
    const onProgress = (): void => {
      looks += 1;
      if (looks > 1) return;
      void (async () => {
        for (let times = 0; times < 60; times += 1) {
          await app.query('select from nowhere').catch(() => undefined);
          if (times === 58) await app.query('select pg_sleep(1.2)');
        }
      })();
    };
    const outcome = await watchAfterRelease({ ...world.context(url), onProgress }, { forMs: 4_000, lockWaitMs: 500 });
    expect(outcome.problem?.message).toBe('more rollbacks than before within 4 s after traffic was back');
    expect(outcome.problem?.found).toMatch(/^rolled back: \d+ of \d+ transactions \([\d.]+ %\), before: [\d.]+ %$/);
  }, 20_000);

  it('watches the replicas, by a marker', async () => {
    const { url } = await database('replicated');
    replica = await startReplica(server, { name: 'standby' });
    const target = {
      ...TARGET,
      replicas: { expected: 1, watch: { holdAboveMs: 500, resumeBelowMs: 100, giveUpAfterMs: 1_000 } },
    };
    const context = world.context(url, { target });
    const near = await watchAfterRelease(context, { forMs: 1_500, lockWaitMs: 500 });
    expect(near.status).toBe('passed');
    expect(shown(near, 'replicas')).toMatch(
      /^all replayed what was written within [\d.]+ m?s at the longest; measured 1 time$/,
    );
    await replica.pause();
    const behind = await watchAfterRelease(context, { forMs: 1_500, lockWaitMs: 500 });
    await replica.resume();
    expect(behind.problem?.message).toBe('trouble with replicas within 1.5 s after traffic was back');
    expect(behind.problem?.found).toMatch(/^1 of 1 replica did not replay what was written within 500 ms: standby /);
  }, 60_000);

  it('ends at once when it is interrupted', async () => {
    const { url } = await database('interrupted');
    const controller = new AbortController();
    const context = { ...world.context(url), signal: controller.signal, onProgress: () => controller.abort() };
    await expect(watchAfterRelease(context, { forMs: 60_000, lockWaitMs: 500 })).rejects.toMatchObject({
      problem: { code: 'interrupted' },
    });
  });
});
