import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readIdentity } from '../../../src/checks/identity.ts';
import { awaitReplicas } from '../../../src/checks/replica/await-replicas.ts';
import { withSession } from '../../../src/checks/session.ts';
import { type BeforeStep, lookBeforeStep } from '../../../src/checks/target/look-before-step.ts';
import { type PostgresServer, startPostgres } from '../../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../../src/dev/reaper/start-reaper.ts';
import type { ReplicaPolicy } from '../../../src/model/replica-policy.ts';
import type { TargetIdentity } from '../../../src/model/target.ts';
import { type Replica, startReplica } from '../../support/replica.ts';
import { urlAs } from './world.ts';

const WATCH = { holdAboveMs: 300, resumeBelowMs: 150, giveUpAfterMs: 30_000 };
const WATCHED: ReplicaPolicy = { expected: 1, watch: WATCH };

/** The last tests fail over to the replica. */
describe('the look before a step', () => {
  let reaper: Reaper;
  let primary: PostgresServer;
  let replica: Replica;
  let admin: pg.Client;
  let planned: TargetIdentity;

  beforeAll(async () => {
    reaper = startReaper();
    primary = await startPostgres({ reaper, settings: { fsync: 'off' } });
    admin = new pg.Client({ connectionString: primary.superuserUrl });
    admin.on('error', () => undefined);
    await admin.connect();
    await admin.query(`create role plain login password 'secret'`);
    replica = await startReplica(primary, { name: 'east' });
    planned = await readIdentity(admin);
  });
  beforeEach(async () => {
    const replaying = async () =>
      (await admin.query('select count(*)::int as streaming from pg_stat_replication')).rows[0];
    await expect.poll(replaying).toEqual({ streaming: 1 });
  });
  afterAll(async () => {
    await replica.stop();
    await admin.end().catch(() => undefined);
    await primary.stop();
    await reaper.close();
  });

  function look(policy: ReplicaPolicy, url = primary.superuserUrl, identity = planned): Promise<BeforeStep> {
    return withSession({ url }, 'before-step', ({ client }) => lookBeforeStep(client, identity, policy));
  }

  const wait = (policy: Required<Pick<ReplicaPolicy, 'expected' | 'watch'>>, onProgress?: (line: string) => void) =>
    withSession({ url: primary.superuserUrl }, 'await', ({ client }) =>
      awaitReplicas(client, { ...policy, ...(onProgress ? { onProgress } : {}) }),
    );

  it('finds the same database with replicas that are near, and asks nothing about lag where nobody watches it', async () => {
    expect(await look(WATCHED)).toEqual({ identity: planned });
    await replica.pause();
    expect(await look({ expected: 1 })).toEqual({ identity: planned });
    await replica.resume();
  });

  it('says who is behind, and goes on below the lower limit once replay does', async () => {
    await replica.pause();
    const { lagging, changed } = await look(WATCHED);
    expect(changed).toBeUndefined();
    expect(lagging).toEqual({
      summary: expect.stringMatching(
        /^more than 300 ms behind: east \(127\.0\.0\.1\): streaming, \d+ bytes behind, last heard of .+ ago; it goes on once all are within 150 ms$/,
      ),
      evidence: [
        { name: 'replicas', value: '1', limit: '1' },
        { name: 'marker', value: expect.any(String) },
        {
          name: 'replica east (127.0.0.1)',
          value: expect.stringMatching(/^not replayed: streaming, /),
          limit: 'within 300 ms',
        },
      ],
    });
    const lines: string[] = [];
    const waiting = wait({ expected: 1, watch: WATCH }, (line) => lines.push(line));
    await expect.poll(() => lines.length).toBeGreaterThan(1);
    await replica.resume();
    const { sample, waitedMs } = await waiting;
    expect(sample.tookMs).toBeLessThan(300);
    expect(waitedMs).toBeGreaterThan(150);
    expect(lines[0]).toMatch(/^waiting for \d+ ms: east \(127\.0\.0\.1\): streaming, \d+ bytes behind/);
    expect(await look(WATCHED)).toEqual({ identity: planned });
  });

  it('gives up after the time of the target', async () => {
    await replica.pause();
    await expect(wait({ expected: 1, watch: { ...WATCH, giveUpAfterMs: 1_000 } })).rejects.toMatchObject({
      problem: {
        retry: 'stop',
        code: 'replicas-behind',
        message: expect.stringMatching(/^the replicas stayed behind for [\d.]+ s$/),
        found: expect.stringMatching(/^east \(127\.0\.0\.1\): streaming, /),
        expected: '1 of them, each within 150 ms',
        next: 'find out what holds the replicas up, then start again; replicas.watch in drydock.yaml says how long a run waits for them',
      },
    });
    await replica.resume();
  });

  it('takes a replica that is gone, and one that it may not see, for one that is behind', async () => {
    expect((await look({ expected: 2, watch: WATCH })).lagging?.summary).toMatch(
      /^more than 300 ms behind: 1 replica missing; /,
    );
    expect((await look(WATCHED, urlAs(primary.superuserUrl, 'plain'))).lagging?.summary).toBe(
      'more than 300 ms behind: the state of the replicas is not visible to this role: grant pg_monitor to it; it goes on once all are within 150 ms',
    );
  });

  it('tells another database and another server, and does not compare what it could not see', async () => {
    const another = await look(WATCHED, await primary.createDatabase('another'));
    expect(another.changed).toMatchObject({ code: 'target-changed', message: 'the URL leads to another database' });
    const { changed } = await look(WATCHED, primary.superuserUrl, { ...planned, systemIdentifier: '7' });
    expect(changed).toEqual({
      retry: 'stop',
      code: 'target-changed',
      message: 'the URL leads to another server',
      found: `system ${planned.systemIdentifier}, database postgres, timeline 1`,
      expected: 'system 7, database postgres, timeline 1',
      next: 'correct the URL, then decide; to change nothing here, abort the run',
    });
    const unseen = { ...planned, systemIdentifier: null, timeline: null };
    expect(await look(WATCHED, primary.superuserUrl, unseen)).toEqual({ identity: planned });
  });

  it('tells a server that is a replica, and one that was failed over to', async () => {
    const url = replica.server.superuserUrl;
    expect((await look(WATCHED, url)).changed).toMatchObject({
      code: 'target-changed',
      message: 'the server is a replica now and takes no writes',
    });
    await withSession({ url }, 'promote', ({ client }) => client.query('select pg_promote()'));
    const { changed, identity } = await look(WATCHED, url);
    expect(identity.timeline).toBe(2);
    expect(changed).toEqual({
      retry: 'stop',
      code: 'target-changed',
      message: 'the database was failed over to another timeline',
      found: `system ${planned.systemIdentifier}, database postgres, timeline 2`,
      expected: `system ${planned.systemIdentifier}, database postgres, timeline 1`,
      next: 'what was committed before the failover may be missing: run `status` and compare with what this run has done, then decide',
    });
    // Somebody has looked and decided: what is there now is what was meant.
    expect(await look({ expected: 0, watch: WATCH }, url, identity)).toEqual({ identity });
  });
});
