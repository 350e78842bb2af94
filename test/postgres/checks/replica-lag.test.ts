import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPrimary } from '../../../src/checks/primary.ts';
import { checkReplicaLag } from '../../../src/checks/replica-lag.ts';
import { type PostgresServer, startPostgres } from '../../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../../src/dev/reaper/start-reaper.ts';
import { dropClaim, takeClaim } from '../../../src/migrator/claim.ts';
import type { CheckOutcome } from '../../../src/model/outcome.ts';
import { type Replica, startReplica } from '../../support/replica.ts';
import { setupWorld, TARGET, urlAs, type World } from './world.ts';

describe('the check "replica-lag"', () => {
  let world: World;
  let reaper: Reaper;
  let primary: PostgresServer;
  let replica: Replica;
  let admin: pg.Client;

  beforeAll(async () => {
    world = await setupWorld();
    reaper = startReaper();
    primary = await startPostgres({ reaper, settings: { fsync: 'off' } });
    admin = new pg.Client({ connectionString: primary.superuserUrl });
    await admin.connect();
    await admin.query(`create role plain login password 'secret'`);
    replica = await startReplica(primary, { name: 'east' });
  });
  afterAll(async () => {
    await replica.stop();
    await admin.end();
    await primary.stop();
    await reaper.close();
  });

  async function states(): Promise<string[]> {
    const { rows } = await admin.query<{ state: string }>('select state from pg_stat_replication order by 1');
    return rows.map(({ state }) => state);
  }

  function look(expected: number, maxLagMs: number, url = primary.superuserUrl): Promise<CheckOutcome> {
    const target = { ...TARGET, replicas: { expected } };
    return checkReplicaLag(world.context(url, { target }), { kind: 'replica-lag', maxLagMs });
  }

  it('passes where the replica replays a marker in time', async () => {
    expect(await look(1, 5_000)).toEqual({
      status: 'passed',
      summary: expect.stringMatching(/^1 of 1 replica replayed the marker within [\d.]+ m?s$/),
      evidence: [
        { name: 'replicas', value: '1', limit: '1' },
        { name: 'marker', value: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) },
        {
          name: 'replica east (127.0.0.1)',
          value: expect.stringMatching(/^replayed within [\d.]+ m?s, last heard of [\d.]+ m?s ago$/),
          limit: 'within 5 s',
        },
      ],
      measuredAt: expect.any(String),
    });
  });

  it('passes again and again on an idle server, quickly', async () => {
    const startedAt = performance.now();
    for (let round = 0; round < 5; round += 1) expect((await look(1, 5_000)).status).toBe('passed');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  async function setSynchronous(names: string): Promise<void> {
    await admin.query(`alter system set synchronous_standby_names = '${names}'`);
    await admin.query('select pg_reload_conf()');
    const shown = async () => (await admin.query('show synchronous_standby_names')).rows[0].synchronous_standby_names;
    await expect.poll(shown).toBe(names);
  }

  it('fails at once where a synchronous standby is gone, because a COMMIT would hang', async () => {
    await admin.query('set synchronous_commit = local');
    await setSynchronous('FIRST 2 (east, nobody)');
    const waitsForEast = async () =>
      (await admin.query(`select sync_state from pg_stat_replication`)).rows.map(({ sync_state }) => sync_state);
    await expect.poll(waitsForEast).toEqual(['sync']);
    const outcome = await look(1, 5_000);
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'synchronous-standby-gone',
      message: 'a COMMIT would hang: 1 of 2 synchronous standbys connected',
      found: "synchronous_standby_names = 'FIRST 2 (east, nobody)', synchronous_commit = on",
      expected: 'at least 2 of them streaming',
      next: 'bring the standby back, or ALTER SYSTEM SET synchronous_standby_names to those that are there and SELECT pg_reload_conf()',
    });
    expect(outcome.evidence).toContainEqual({
      name: 'synchronous standbys',
      value: '1 connected (FIRST 2 (east, nobody))',
      limit: 'at least 2',
    });
    // A run comes as far as this check: its claim waits for no standby either.
    const other = new pg.Client({ connectionString: primary.superuserUrl, statement_timeout: 5_000 });
    await other.connect();
    const holder = { workflowId: 'a/b', runId: 'r', namespace: 'default', operation: 'run' };
    const { token } = await takeClaim(other, holder);
    expect(await dropClaim(other, token)).toBe('dropped');
    await other.end();
    // A role whose commits wait for nobody is not held up.
    await admin.query('alter role postgres set synchronous_commit = local');
    expect((await look(1, 5_000)).evidence).toContainEqual({
      name: 'synchronous standbys',
      value: '1 connected (FIRST 2 (east, nobody)), but synchronous_commit = local here waits for none',
      limit: 'at least 2',
    });
    await admin.query('alter role postgres reset synchronous_commit');
    await setSynchronous('ANY 1 (nobody, east)');
    expect((await look(1, 5_000)).status).toBe('passed');
    await setSynchronous('');
    await admin.query('reset synchronous_commit');
  });

  it('is the same for a role whose new transactions are read-only, as they are while a drain holds', async () => {
    await admin.query('alter role postgres set default_transaction_read_only = on');
    expect((await look(1, 5_000)).status).toBe('passed');
    await admin.query('begin read write; alter role postgres reset default_transaction_read_only; commit');
  });

  it('fails while replay is paused, whatever the lag columns say', async () => {
    await replica.pause();
    const outcome = await look(1, 300);
    expect(outcome).toEqual({
      status: 'failed',
      summary: '1 of 1 replica did not replay what was written within 300 ms',
      evidence: [
        { name: 'replicas', value: '1', limit: '1' },
        { name: 'marker', value: expect.any(String) },
        {
          name: 'replica east (127.0.0.1)',
          value: expect.stringMatching(/^not replayed: streaming, \d+ bytes behind, last heard of .* ago$/),
          limit: 'within 300 ms',
        },
      ],
      measuredAt: expect.any(String),
      problem: {
        retry: 'stop',
        code: 'replica-lagging',
        message: '1 of 1 replica did not replay what was written within 300 ms',
        found: expect.stringMatching(/^east \(127\.0\.0\.1\): streaming, \d+ bytes behind, last heard of .* ago$/),
        expected: 'every replica replays a marker within 300 ms',
        next: 'on the replica: SELECT pg_is_wal_replay_paused(), pg_last_wal_replay_lsn(); retry this item once it has caught up',
      },
    });
    await replica.resume();
    expect((await look(1, 5_000)).status).toBe('passed');
  });

  it('fails where there are more replicas than the target says', async () => {
    expect((await look(0, 1_000)).problem).toEqual({
      retry: 'stop',
      code: 'replica-unexpected',
      message: '1 replica not expected',
      found: 'connected: east (127.0.0.1)',
      expected: '0 replicas',
      next: 'set replicas.expected in drydock.yaml to how many there are, and start again',
    });
  });

  it('fails for a role that may not see the replicas, and names pg_monitor', async () => {
    expect((await look(1, 5_000, urlAs(primary.superuserUrl, 'plain'))).problem).toEqual({
      retry: 'stop',
      code: 'replicas-not-visible',
      message: 'the state of the replicas is not visible to this role',
      found: 'pg_stat_replication has rows whose columns are null',
      expected: 'a role with pg_monitor',
      next: 'GRANT pg_monitor TO the role of the URL, and retry this item',
    });
  });

  it('is answered by the check "primary" where the URL leads to the replica', async () => {
    const outcome = await checkPrimary(world.context(replica.server.superuserUrl), { kind: 'primary' });
    expect(outcome.problem).toMatchObject({ code: 'database-is-replica', message: 'this server is a replica' });
    expect(outcome.evidence).toContainEqual({ name: 'timeline', value: '1' });
    expect((await look(1, 1_000, replica.server.superuserUrl)).problem).toEqual(outcome.problem);
  });

  it('fails where a replica has vanished, and passes where none is expected', async () => {
    await replica.stop();
    await expect.poll(states).toEqual([]);
    expect((await look(1, 300)).problem).toEqual({
      retry: 'stop',
      code: 'replica-missing',
      message: '1 replica missing',
      found: 'no replica is connected',
      expected: '1 replica',
      next: 'bring the replica back, or correct replicas.expected in drydock.yaml, and retry this item',
    });
    expect(await look(0, 300)).toMatchObject({
      status: 'passed',
      summary: 'no replicas are expected and none is connected',
    });
  });
});
