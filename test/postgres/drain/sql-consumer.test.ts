import { describe, expect, it } from 'vitest';
import { pauseConsumer } from '../../../src/drain/consumers/pause.ts';
import { resumeConsumer } from '../../../src/drain/consumers/resume.ts';
import type { Consumer } from '../../../src/model/consumer.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { consumerWorld, quickClock } from '../../unit/drain/consumer-world.ts';
import { problemOf } from '../../unit/runbook/checkout.ts';

/** A queue whose workers look at a row before they take a job. */
async function setup(more: Partial<Extract<Consumer, { kind: 'sql' }>> = {}) {
  const database = await freshDatabase();
  await database.query(`
    create schema jobs;
    create table jobs.control (paused boolean not null, changes int not null default 0);
    insert into jobs.control values (false);
    create table jobs.running (id int primary key);`);
  const consumer: Consumer = {
    name: 'jobs',
    kind: 'sql',
    timeoutMs: 5_000,
    pause: 'update jobs.control set paused = true, changes = changes + 1',
    resume: 'update jobs.control set paused = false, changes = changes + 1',
    status: 'select paused and not exists (select from jobs.running) from jobs.control',
    ...more,
  };
  const world = consumerWorld([consumer], { url: database.url, clock: quickClock() });
  return { database, consumer, world };
}

describe('a consumer that reads in a database whether it may work', () => {
  it('is paused and resumed by statements, and its own query proves both', async () => {
    const { database, consumer, world } = await setup();
    expect((await pauseConsumer(world, consumer)).summary).toBe('jobs has stopped: its status is true');
    expect(await database.query('select paused from jobs.control')).toEqual([{ paused: true }]);
    expect((await resumeConsumer(world, consumer)).summary).toBe('jobs is back: its status is false');
    expect(await database.query('select paused, changes from jobs.control')).toEqual([{ paused: false, changes: 2 }]);
  });

  it('has not stopped while a job is at work', async () => {
    const { database, consumer, world } = await setup();
    await database.query('insert into jobs.running values (1)');
    expect(await problemOf(pauseConsumer(world, consumer))).toMatchObject({
      code: 'consumer-still-running',
      found: 'it says: its status is false',
    });
  });

  it('can be resumed while the database is read-only to everybody else', async () => {
    const { database, consumer, world } = await setup();
    await pauseConsumer(world, consumer);
    await database.query(`alter database ${database.name} set default_transaction_read_only = on`);
    expect((await resumeConsumer(world, consumer)).summary).toBe('jobs is back: its status is false');
  });

  it('may be in another database', async () => {
    const [other, { consumer }] = [await freshDatabase(), await setup()];
    await other.query('create schema jobs; create table jobs.control as select false as paused, 0 as changes');
    await other.query('create table jobs.running (id int)');
    const elsewhere = { ...consumer, url: { env: 'JOBS_URL' } } as Consumer;
    const world = consumerWorld([elsewhere], { secrets: { JOBS_URL: other.url } });
    await pauseConsumer(world, elsewhere);
    expect(await other.query('select paused from jobs.control')).toEqual([{ paused: true }]);
  });

  it('is named with the statement that fails, and without the statement itself', async () => {
    const { consumer, world } = await setup({ pause: `update jobs.contol set secret = 'hunter2'` });
    const problem = await problemOf(pauseConsumer(world, consumer));
    expect(problem).toEqual({
      code: 'consumer-sql-failed',
      message: '"pause" of the consumer jobs failed: relation "jobs.contol" does not exist',
      next: 'correct "pause" of the consumer jobs in drydock.yaml, or the rights of its role',
      retry: 'stop',
      sqlstate: '42P01',
    });
    await resumeConsumer(world, consumer);
    expect(world.notes.things).toEqual([]);
  });

  it('is no proof where its query gives anything but one boolean', async () => {
    const { consumer, world } = await setup({ status: 'select null::boolean' });
    expect(await problemOf(pauseConsumer(world, consumer))).toMatchObject({
      found: 'it says: its status is not one row with one boolean',
    });
  });

  it('is waited for where its row is locked for a moment', async () => {
    const { database, consumer } = await setup({ timeoutMs: 60_000 });
    const holder = await database.connect();
    await holder.query('begin');
    await holder.query('select from jobs.control for update');
    const world = consumerWorld([consumer], { url: database.url });
    const pausing = pauseConsumer(world, consumer);
    await expect
      .poll(
        () =>
          database.query(
            `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
          ),
        { timeout: 30_000 },
      )
      .toHaveLength(1);
    await holder.query('commit');
    expect((await pausing).summary).toBe('jobs has stopped: its status is true');
  });
});
