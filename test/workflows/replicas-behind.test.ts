/** A run that stands still for its replicas: it does not wait for ever, and a failover meanwhile is a person's question. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { databaseAt } from '../support/postgres.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { makeWorld } from '../support/world.ts';

describe('a run that stands still for its replicas', () => {
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

  it('ends where they stay behind for too long', async () => {
    const world = await worldOn('gives_up', '1s');
    const run = await world.start();
    await replica.pause();
    await run.approve();
    const state = await run.ended();
    await replica.resume();
    expect(state.outcome).toBe('failed');
    expect(state.problem).toMatchObject({
      code: 'replicas-behind',
      found: expect.stringMatching(/^east \(127\.0\.0\.1\): streaming, \d+ bytes behind/),
    });
  });

  it('asks where its primary is gone and another has taken its place meanwhile', async () => {
    const world = await worldOn('fails_over', '5m');
    const run = await world.start();
    await replica.pause();
    await run.approve();
    await run.until('the run to stand still', ({ standing }) => standing !== undefined);
    await replica.resume();
    const promoted = databaseAt(replica.server.databaseUrl('fails_over'));
    await promoted.query('select pg_promote()');
    Object.assign(world.env, { WORLD_DATABASE_URL: promoted.url });
    await primary.stop();
    const asked = await run.until('the question', ({ waiting }) => waiting?.kind === 'decision');
    expect(asked.items.find(({ id }) => id === 'same-database')?.problem).toMatchObject({
      code: 'target-changed',
      message: 'the database was failed over to another timeline',
    });
    await run.send('abort', { by: 'kim', reason: 'looking first' });
    expect((await run.ended()).outcome).toBe('aborted');
    await promoted.drop();
  });
});
