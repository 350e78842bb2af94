import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { consumerFinding } from '../../../src/checks/consumers/can-be-paused.ts';
import { lookAtEach } from '../../../src/drain/consumers/look-at-each.ts';
import { pauseConsumer } from '../../../src/drain/consumers/pause.ts';
import { resumeConsumer } from '../../../src/drain/consumers/resume.ts';
import type { Consumer } from '../../../src/model/consumer.ts';
import { freshDatabase, onCluster, type TestDatabase } from '../../support/postgres.ts';
import { consumerWorld } from '../../unit/drain/consumer-world.ts';
import { problemOf } from '../../unit/runbook/checkout.ts';

const SLOT = `drydock_feed_${process.pid}`;
const ROLE = `drydock_reader_${process.pid}`;

let source: TestDatabase;
let target: TestDatabase;

/** Two databases of one cluster: the slot has to be made first, because its creation waits for every open transaction. */
beforeAll(async () => {
  [source, target] = await Promise.all([freshDatabase(), freshDatabase()]);
  for (const database of [source, target]) await database.query('create table berths (id int primary key)');
  await source.query('create publication harbour for table berths');
  await source.query(`select pg_create_logical_replication_slot('${SLOT}', 'pgoutput')`);
  const { hostname, port, username, password } = new URL(source.url);
  await target.query(
    `create subscription feed connection 'host=${hostname} port=${port} user=${username} password=${password} dbname=${source.name}'
       publication harbour with (create_slot = false, slot_name = '${SLOT}')`,
  );
  await onCluster(`create role ${ROLE} login password 'secret'`);
});

afterAll(async () => {
  await target.query('alter subscription feed disable');
  await target.query('alter subscription feed set (slot_name = none)');
  await target.query('drop subscription feed');
  await vi.waitFor(async () => expect(await active()).toHaveLength(0), PATIENT);
  await source.query(`select pg_drop_replication_slot('${SLOT}')`);
  await onCluster(`drop role ${ROLE}`);
});

const FEED: Consumer = { name: 'feed', kind: 'subscription', subscription: 'feed', timeoutMs: 60_000 };

// The launcher gives a worker that ended another start only after five seconds.
const PATIENT = { timeout: 60_000, interval: 50 };

const active = () => source.query(`select 1 from pg_replication_slots where slot_name = '${SLOT}' and active`);

const workers = () =>
  target.query('select 1 from pg_stat_subscription where pid is not null').then((rows) => rows.length);

const arrived = (id: number) =>
  expect.poll(() => target.query('select from berths where id = $1', [id]), PATIENT).toHaveLength(1);

describe('a subscription', () => {
  it('is disabled until no worker of it is left, and enabled again with nothing lost', async () => {
    await source.query('insert into berths values (1)');
    await arrived(1);
    const world = consumerWorld([FEED], { url: target.url });
    expect((await pauseConsumer(world, FEED)).summary).toBe('feed has stopped: disabled, no worker');
    expect(await workers()).toBe(0);
    await source.query('insert into berths values (2)');
    expect(world.notes.things).toEqual([
      { kind: 'consumer', name: 'feed', former: { state: 'running', said: 'enabled, 1 worker' } },
    ]);
    expect((await resumeConsumer(world, FEED)).summary).toBe('feed is back: enabled, 1 worker');
    await arrived(2);
  });

  it('that was disabled before stays disabled', async () => {
    await target.query('alter subscription feed disable');
    await expect.poll(workers, PATIENT).toBe(0);
    const world = consumerWorld([FEED], { url: target.url });
    await pauseConsumer(world, FEED);
    expect((await resumeConsumer(world, FEED)).summary).toBe(
      'feed was stopped before the run, and stays so: disabled, no worker',
    );
    expect(await target.query('select subenabled from pg_subscription where subname = $1', ['feed'])).toEqual([
      { subenabled: false },
    ]);
    await target.query('alter subscription feed enable');
  });

  it('has not stopped while its worker waits for a lock that somebody holds', async () => {
    const holder = await target.connect();
    await holder.query('begin');
    await holder.query('lock table berths in access exclusive mode');
    await source.query('insert into berths values (3)');
    await expect
      .poll(
        () =>
          target.query(
            `select from pg_locks l join pg_stat_subscription s on s.pid = l.pid where not l.granted and s.subname = 'feed'`,
          ),
        PATIENT,
      )
      .toHaveLength(1);
    const short = { ...FEED, timeoutMs: 1_500 } as Consumer;
    const world = consumerWorld([short], { url: target.url });
    expect(await problemOf(pauseConsumer(world, short))).toMatchObject({
      code: 'consumer-still-running',
      found: 'it says: disabled, 1 worker',
    });
    await holder.query('rollback');
    const patient = consumerWorld([FEED], { url: target.url });
    await patient.notes.note(world.notes.things[0]!);
    await resumeConsumer(patient, FEED);
    await arrived(3);
  });

  it('is named where it is not there', async () => {
    const other = { ...FEED, subscription: 'fed' } as Consumer;
    const world = consumerWorld([other], { url: target.url });
    const address = `postgres@${new URL(target.url).host}/${target.name}`;
    expect(await problemOf(pauseConsumer(world, other))).toEqual({
      code: 'subscription-missing',
      message: 'the subscription fed of the consumer feed is not there',
      found: `${address} has feed`,
      expected: 'a subscription fed in that database',
      next: 'correct the name or the url of the consumer feed in drydock.yaml',
      retry: 'stop',
    });
  });

  it('tells by a look alone whether it can be altered: by its owner, by a member of its owner, by nobody else', async () => {
    const owner = `${ROLE}_owner`;
    const url = new URL(target.url);
    url.username = ROLE;
    url.password = 'secret';
    const look = async (at: string) => (await lookAtEach([FEED], consumerWorld([FEED], { url: at })))[0]!;
    const seen = { name: 'feed', kind: 'running', said: 'enabled, 1 worker' };
    expect(await look(target.url)).toEqual(seen);
    const hindrance = {
      code: 'subscription-rights-missing',
      message: 'the subscription feed may not be altered by this role',
      found: `${ROLE}@${url.host}/${target.name}; the subscription belongs to postgres`,
      expected: 'its owner, a member of its owner, or a superuser',
      next: 'give the consumer feed a url in drydock.yaml whose role is postgres, or make this role a member of postgres',
      retry: 'stop',
    };
    expect(await look(url.href)).toEqual({ ...seen, hindrance });
    const limit = 'answers, may be paused';
    const finding = () => consumerFinding({ ...consumerWorld([FEED], { url: url.href }), askConsumers: lookAtEach });
    expect(await finding()).toEqual({
      evidence: [{ name: 'consumer feed', value: `running: enabled, 1 worker; ${hindrance.message}`, limit }],
      problems: [hindrance],
    });
    await target.query('alter subscription feed disable');
    await expect.poll(workers, PATIENT).toBe(0);
    const stopped = `stopped already, and stays so: disabled, no worker; ${hindrance.message}`;
    expect(await finding()).toEqual({ evidence: [{ name: 'consumer feed', value: stopped, limit }], problems: [] });
    // Before PostgreSQL 16 only a superuser can own one. A worker that runs would start anew, some time after the change.
    await onCluster(`create role ${owner} superuser login`);
    await target.query(`alter subscription feed owner to ${owner}`);
    await target.query('alter subscription feed enable');
    await onCluster(`grant ${owner} to ${ROLE}`);
    await expect.poll(() => look(url.href), PATIENT).toEqual(seen);
    await target.query('alter subscription feed disable');
    await expect.poll(workers, PATIENT).toBe(0);
    await target.query('alter subscription feed owner to postgres');
    await onCluster(`drop role ${owner}`);
    await target.query('alter subscription feed enable');
    await expect.poll(workers, PATIENT).toBe(1);
  });

  it('is named with its owner where the role may not alter it, and is left running', async () => {
    const url = new URL(target.url);
    url.username = ROLE;
    url.password = 'secret';
    const world = consumerWorld([FEED], { url: url.href });
    const problem = await problemOf(pauseConsumer(world, FEED));
    expect(problem).toEqual({
      code: 'subscription-rights-missing',
      message: 'the subscription feed may not be altered by this role',
      found: `${ROLE}@${url.host}/${target.name}; the subscription belongs to postgres`,
      expected: 'its owner, a member of its owner, or a superuser',
      next: 'give the consumer feed a url in drydock.yaml whose role is postgres, or make this role a member of postgres',
      retry: 'stop',
      sqlstate: '42501',
    });
    expect((await resumeConsumer(world, FEED)).summary).toBe('feed is back: enabled, 1 worker');
    expect(world.notes.things).toEqual([]);
  });
});
