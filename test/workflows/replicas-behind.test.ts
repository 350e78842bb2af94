/** A run stands still while a replica is behind, says so, and goes on when it is near again; or is undone when it stays behind. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { databaseAt } from '../support/postgres.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { makeWorld } from '../support/world.ts';

describe('a run whose replicas fall behind', () => {
  let reaper: Reaper;
  let primary: PostgresServer;
  let replica: Replica;

  beforeAll(async () => {
    reaper = startReaper();
    primary = await startPostgres({ reaper, settings: { fsync: 'off' } });
    replica = await startReplica(primary, { name: 'east' });
  });
  afterAll(async () => {
    await replica.stop();
    await primary.stop();
    await reaper.close();
  });

  const worldOn = async (name: string, giveUpAfter: string) =>
    makeWorld({
      servers: { database: databaseAt(await primary.createDatabase(name)) },
      target: `replicas: { expected: 1, watch: { holdAbove: 300ms, resumeBelow: 150ms, giveUpAfter: ${giveUpAfter} } }`,
    });

  it('stands still before the next step, says who is behind, and goes on', async () => {
    const world = await worldOn('goes_on', '1m');
    const run = await world.start();
    await replica.pause();
    await run.approve();
    const standing = async () => (await run.events()).find((event) => event.kind === 'standing-still');
    await expect.poll(standing, { timeout: 30_000 }).toMatchObject({
      because: expect.stringMatching(/^more than 300 ms behind: east \(127\.0\.0\.1\): streaming, \d+ bytes behind/),
    });
    await replica.resume();
    expect(await run.ended()).toMatchObject({ outcome: 'done' });
    expect((await run.events()).find((event) => event.kind === 'moving-on')).toMatchObject({
      waitedMs: expect.any(Number),
    });
  });

  it('is undone where they stay behind for too long', async () => {
    const world = await worldOn('gives_up', '1s');
    const run = await world.start();
    await replica.pause();
    await run.approve();
    const state = await run.ended();
    await replica.resume();
    expect(state.problem).toMatchObject({ code: 'replicas-behind' });
    expect(['failed', 'rolled-back']).toContain(state.outcome);
  });
});
