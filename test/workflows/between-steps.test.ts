/** What a run looks at between its steps, on a real replica: how far it is behind, and whether this is still the same database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { databaseAt } from '../support/postgres.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { makeWorld } from '../support/world.ts';
import { running, statuses } from './run-states.ts';

const SLOW = {
  'migrations/small/002_items.up.sql': 'CREATE TABLE app.items (id bigint PRIMARY KEY);\nSELECT pg_sleep(1.5);\n',
};
const WATCHED = 'replicas: { expected: 1, watch: { holdAbove: 500ms, resumeBelow: 200ms, giveUpAfter: 1m } }\n';

let reaper: Reaper;
beforeAll(() => {
  reaper = startReaper();
});
afterAll(() => reaper.close());

interface Pair {
  readonly primary: PostgresServer;
  readonly replica: Replica;
}

async function startPair(): Promise<Pair> {
  const primary = await startPostgres({ reaper, settings: { fsync: 'off' } });
  await primary.createDatabase('watched');
  return { primary, replica: await startReplica(primary, { name: 'east' }) };
}

describe('replicas', () => {
  it('that fall behind make the run stand still before its next step, and say so, until they have caught up', async () => {
    const { primary, replica } = await startPair();
    const database = databaseAt(primary.databaseUrl('watched'));
    const world = await makeWorld({ files: SLOW, target: WATCHED, servers: { database } });
    const run = await world.start();
    await run.approve();
    await run.until('the slow migration', running('apply-002'));
    await replica.pause();
    const { standing } = await run.until('the run to stand still', (state) => state.standing !== undefined);
    expect(standing).toEqual({ because: expect.stringContaining('east'), since: expect.any(String) });
    await replica.resume();
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'done' });
    expect(state.standing).toBeUndefined();
    const kinds = (await run.events()).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'standing-still' || kind === 'moving-on')).toEqual([
      'standing-still',
      'moving-on',
    ]);
    await replica.stop();
    await primary.stop();
  });
});

describe('after a failover to another timeline', () => {
  it('the run stops and asks, and goes on where a person takes the new primary for the one that was meant', async () => {
    const { primary, replica } = await startPair();
    const database = databaseAt(primary.databaseUrl('watched'));
    const world = await makeWorld({ files: SLOW, servers: { database } });
    const run = await world.start();
    await run.approve();
    await run.until('the slow migration', running('apply-002'));
    await run.send('pause', { by: 'kim', reason: 'a failover' });
    await run.until('the migration to be done', (state) => statuses(state, 'execution').includes('apply-002 passed'));
    const promoted = databaseAt(replica.server.databaseUrl('watched'));
    await promoted.query('select pg_promote()');
    await primary.stop();
    // As where a name now leads to another server.
    Object.assign(world.env, { WORLD_DATABASE_URL: promoted.url });
    await run.send('resume', { by: 'kim', reason: 'promoted' });
    const asked = await run.until('the question', (state) => state.waiting?.kind === 'decision');
    expect(asked.waiting).toMatchObject({ item: { id: 'same-database' }, waivable: true });
    expect(asked.items.find(({ id }) => id === 'same-database')?.problem).toMatchObject({ code: 'target-changed' });
    await run.send('decide', { by: 'kim', item: 'same-database', action: 'waive', reason: 'it is the promoted one' });
    const state = await run.ended();
    expect(state.outcome).toBe('done');
    expect(await promoted.query('select version from app.schema_migrations order by 1')).toEqual([
      { version: '001' },
      { version: '002' },
      { version: '003' },
    ]);
    await replica.stop();
  });
});
