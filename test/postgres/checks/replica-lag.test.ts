import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPrimary } from '../../../src/checks/primary.ts';
import { checkReplicaLag } from '../../../src/checks/replica-lag.ts';
import { type PostgresServer, startPostgres } from '../../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../../src/dev/reaper/start-reaper.ts';
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
          value: expect.stringMatching(/^replayed within [\d.]+ m?s$/),
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

  it('does not wait for a synchronous standby that is gone', async () => {
    await admin.query(`alter system set synchronous_standby_names = 'nobody'`);
    await admin.query('select pg_reload_conf()');
    const shown = async () => (await admin.query('show synchronous_standby_names')).rows[0].synchronous_standby_names;
    await expect.poll(shown).toBe('nobody');
    expect((await look(1, 5_000)).status).toBe('passed');
    await admin.query('alter system reset synchronous_standby_names');
    await admin.query('select pg_reload_conf()');
    await expect.poll(shown).toBe('');
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
