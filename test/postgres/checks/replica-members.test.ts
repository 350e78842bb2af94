import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkReplicaLag } from '../../../src/checks/replica-lag.ts';
import { type PostgresServer, startPostgres } from '../../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../../src/dev/reaper/start-reaper.ts';
import type { CheckOutcome } from '../../../src/model/outcome.ts';
import type { ReplicaPolicy } from '../../../src/model/replica-policy.ts';
import type { SecretRef } from '../../../src/model/secret-ref.ts';
import { resolveSecret } from '../../../src/runbook/secret.ts';
import { type Replica, startReplica } from '../../support/replica.ts';
import { setupWorld, TARGET, urlAs, type World } from './world.ts';

/** One check after the other on the same pair: the last tests stop and promote the replica. */
describe('replicas that are asked themselves', () => {
  let world: World;
  let reaper: Reaper;
  let primary: PostgresServer;
  let replica: Replica;
  let admin: pg.Client;
  let onReplica: pg.Client;
  const urls = new Map<string, string>();

  beforeAll(async () => {
    world = await setupWorld();
    reaper = startReaper();
    primary = await startPostgres({ reaper, settings: { fsync: 'off' } });
    admin = await connected(primary.superuserUrl);
    await admin.query(`create schema core; create table core.users (id uuid primary key);
      create role reader login password 'secret'; grant usage on schema core to reader;
      grant select on core.users to reader; grant pg_monitor to reader;
      create role plain login password 'secret'`);
    replica = await startReplica(primary, { name: 'east' });
    urls.set('EAST_URL', urlAs(replica.server.superuserUrl, 'reader'));
    onReplica = await connected(replica.server.superuserUrl);
  });
  afterAll(async () => {
    await onReplica.end().catch(() => undefined);
    await replica.stop();
    await admin.end();
    await primary.stop();
    await reaper.close();
  });

  async function connected(url: string, name = 'admin'): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, application_name: name });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  interface Asked extends Partial<ReplicaPolicy> {
    readonly url?: string;
    readonly maxLagMs?: number;
  }

  function look({ url = 'EAST_URL', maxLagMs = 5_000, ...policy }: Asked = {}): Promise<CheckOutcome> {
    const members = [{ name: 'east', url: { env: url } }];
    const target = { ...TARGET, replicas: { expected: 1, members, ...policy } };
    const sources = { lookup: (name: string) => urls.get(name), readFile: async () => '' };
    const secret = (ref: SecretRef): Promise<string> => resolveSecret(ref, 'test', sources);
    const context = world.context(primary.superuserUrl, { target, secret });
    return checkReplicaLag(context, { kind: 'replica-lag', maxLagMs });
  }

  async function setOnReplica(setting: string, value: string): Promise<void> {
    await onReplica.query(`alter system set ${setting} = '${value}'`);
    await onReplica.query('select pg_reload_conf()');
    const shown = async () => (await onReplica.query('select current_setting($1) as now', [setting])).rows[0].now;
    await expect.poll(shown).toBe(value);
  }

  it('say that they replay, and who reads there', async () => {
    const { status, evidence } = await look();
    expect(status).toBe('passed');
    expect(evidence.slice(3)).toEqual([
      {
        name: 'asked east',
        value: expect.stringMatching(/^replayed the marker, its last commit was made .+ ago$/),
        limit: 'within 5 s',
      },
      { name: 'readers of east', value: 'none in a transaction', limit: 'at most 5 min old' },
      {
        name: 'replay of east',
        value:
          'an ACCESS EXCLUSIVE lock waits for readers of its table up to 30 s, and all replay with it, then cancels them (max_standby_streaming_delay, hot_standby_feedback off)',
      },
    ]);
  });

  it('fail while a reader is older than the limit, and name it with what it reads, without its query', async () => {
    const reader = await connected(urls.get('EAST_URL')!, 'report');
    await reader.query(`begin; select 'a secret of the query' from core.users`);
    expect(await look()).toMatchObject({ status: 'passed' });
    const outcome = await look({ longQueryMs: 1 });
    const named =
      /^pid \d+ \(report, user reader, from 127\.0\.0\.1, idle in transaction, for [\d.]+ s\) reads core\.users$/;
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'replica-long-transaction',
      message: '1 transaction on the replica east would be cancelled by replay, or hold it up',
      found: expect.stringMatching(named),
      expected: 'none older than 1 ms',
      next: expect.stringMatching(
        /^wait until it has ended, or on east: SELECT pg_terminate_backend\(\d+\); then retry this item$/,
      ),
    });
    expect(JSON.stringify(outcome)).not.toContain('a secret of the query');
    await reader.end();
  });

  it('say what a lock would do to their readers, as they are set', async () => {
    await setOnReplica('max_standby_streaming_delay', '-1');
    expect((await look()).evidence.at(-1)?.value).toMatch(/^an ACCESS EXCLUSIVE lock waits .* for as long as they run/);
    await setOnReplica('max_standby_streaming_delay', '0');
    expect((await look()).evidence.at(-1)?.value).toMatch(/^an ACCESS EXCLUSIVE lock cancels readers .* at once/);
  });

  it('say that they are paused', async () => {
    await replica.pause();
    const { problem } = await look({ maxLagMs: 300 });
    expect(problem).toEqual({
      retry: 'stop',
      code: 'replica-paused',
      message: 'replay on the replica east is paused; 1 of 1 replica did not replay what was written within 300 ms',
      found: expect.stringMatching(
        /^not replayed: \d+ bytes behind, replay is paused, its last commit .+\neast \(127\.0\.0\.1\): streaming, /,
      ),
      expected: 'replay that goes on; every replica replays a marker within 300 ms',
      next: expect.stringMatching(/^on east: SELECT pg_wal_replay_resume\(\); then retry this item; on the replica: /),
    });
    await replica.resume();
    expect((await look()).status).toBe('passed');
  });

  it('fail while they are delayed on purpose, and pass when they are not', async () => {
    await setOnReplica('recovery_min_apply_delay', '1h');
    expect((await look({ maxLagMs: 300 })).problem).toMatchObject({
      code: 'replica-lagging',
      message:
        'the replica east did not replay what was written within 300 ms; 1 of 1 replica did not replay what was written within 300 ms',
      next: expect.stringContaining('SHOW recovery_min_apply_delay'),
    });
    await setOnReplica('recovery_min_apply_delay', '0');
    expect((await look()).status).toBe('passed');
  });

  it('fail for a role that may not see their sessions, and name pg_monitor', async () => {
    urls.set('PLAIN_URL', urlAs(replica.server.superuserUrl, 'plain'));
    expect((await look({ url: 'PLAIN_URL' })).problem).toEqual({
      retry: 'stop',
      code: 'replicas-not-visible',
      message: 'the sessions on the replica east are not visible to this role',
      found: expect.stringMatching(/^\d+ sessions? whose columns in pg_stat_activity are null$/),
      expected: 'a role with pg_monitor',
      next: 'on the primary: GRANT pg_monitor TO the role of that URL, and retry this item',
    });
  });

  it('fail where a URL leads to a primary, to another system, or to nobody', async () => {
    urls.set('PRIMARY_URL', primary.superuserUrl);
    expect((await look({ url: 'PRIMARY_URL' })).problem).toMatchObject({
      code: 'replica-of-another-system',
      message: 'the replica east is no replica: it was promoted, or never was one',
    });
    const other = await startPostgres({ reaper, settings: { fsync: 'off' } });
    urls.set('OTHER_URL', other.superuserUrl);
    expect((await look({ url: 'OTHER_URL' })).problem).toMatchObject({
      code: 'replica-of-another-system',
      message: 'the replica east is of another system',
    });
    await other.stop();
    const { problem } = await look({ url: 'OTHER_URL' });
    expect(problem).toMatchObject({ code: 'replica-unreachable', message: 'the replica east cannot be asked' });
    expect(JSON.stringify(problem)).not.toContain(new URL(other.superuserUrl).password);
  });

  it('fail where the secret is not known here, and where its caller has none', async () => {
    const outcome = await look({ url: 'NOBODY_KNOWS' });
    expect(outcome.problem).toMatchObject({ code: 'replica-unreachable', message: 'the replica east cannot be asked' });
    const members = [{ name: 'east', url: { env: 'EAST_URL' } }];
    const target = { ...TARGET, replicas: { expected: 1, members } };
    const context = world.context(primary.superuserUrl, { target });
    expect((await checkReplicaLag(context, { kind: 'replica-lag', maxLagMs: 5_000 })).problem).toMatchObject({
      code: 'replica-unreachable',
      found: 'secret-missing: secrets are not at hand here',
    });
  });

  it('fail after a promotion: it is another timeline, and no replica any more', async () => {
    await onReplica.query('select pg_promote()');
    const { problem } = await look({ maxLagMs: 300 });
    expect(problem).toMatchObject({
      code: 'replica-of-another-system',
      message: 'the replica east is no replica: it was promoted, or never was one; 1 replica missing',
      found: expect.stringMatching(/^system \d+, timeline 2, a primary\nno replica is connected$/),
    });
  });

  it('fail when they are stopped, as missing and as unreachable', async () => {
    await replica.stop();
    expect((await look({ maxLagMs: 300 })).problem).toMatchObject({
      code: 'replica-unreachable',
      message: 'the replica east cannot be asked; 1 replica missing',
    });
  });
});
