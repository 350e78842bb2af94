import { describe, expect, it } from 'vitest';
import { pauseConsumer } from '../../../src/drain/consumers/pause.ts';
import { controlOf } from '../../../src/drain/consumers/registry.ts';
import { takeLease } from '../../../src/drain/lease/lease.ts';
import { holdNotes } from '../../../src/drain/lease/notes.ts';
import { letGoOfAll } from '../../../src/drain/let-go-of-all.ts';
import type { Consumer } from '../../../src/model/consumer.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { consumerWorld } from '../../unit/drain/consumer-world.ts';
import { problemOf } from '../../unit/runbook/checkout.ts';

const JOBS: Consumer = {
  name: 'jobs',
  kind: 'sql',
  timeoutMs: 5_000,
  pause: 'update control set paused = true',
  resume: 'update control set paused = false',
  status: 'select paused from control',
};

const OWNER = { workflowId: 'small/harbour', runId: 'run-1', token: '7', namespace: 'default', target: 'harbour' };

/** A run that holds the lease of a database with one consumer, whose notes are in that database. */
async function setup() {
  const database = await freshDatabase();
  await database.query('create table control as select false as paused');
  const guard = await database.connect();
  await takeLease(guard, OWNER, 60_000);
  const world = { ...consumerWorld([JOBS], { url: database.url }), notes: holdNotes(database.url, OWNER) };
  const letGoMeanwhile = async (): Promise<void> => {
    const report = await letGoOfAll(world, guard, { owner: OWNER, by: 'guard', when: 'at-once' });
    expect(report.kind).toBe('let-go');
  };
  const paused = () => database.query('select paused from control').then(([row]) => row?.paused);
  return { world, letGoMeanwhile, paused };
}

describe('a consumer whose hold is lost', () => {
  it('is not touched where the lease is gone before it could be noted', async () => {
    const { world, letGoMeanwhile, paused } = await setup();
    await letGoMeanwhile();
    expect(await problemOf(pauseConsumer(world, JOBS))).toMatchObject({ code: 'hold-lost' });
    expect(await paused()).toBe(false);
  });

  it('is resumed again by a run that slept while it was pausing it, because its guard no longer knows of it', async () => {
    const { world, letGoMeanwhile, paused } = await setup();
    let noted = 0;
    const notes: typeof world.notes = {
      ...world.notes,
      note: async (thing) => {
        noted += 1;
        if (noted === 2) {
          expect(await paused()).toBe(true);
          await letGoMeanwhile();
          // What the run did so late that its guard had let go of everything.
          await controlOf(JOBS, world).pause();
        }
        return world.notes.note(thing);
      },
    };
    expect(await problemOf(pauseConsumer({ ...world, notes }, JOBS))).toMatchObject({ code: 'hold-lost' });
    expect(await paused()).toBe(false);
  });
});
