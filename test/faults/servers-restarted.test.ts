/** A server that dies in the middle of a run and comes back: the run goes on, and nothing is applied twice. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/cli/environment.ts';
import { startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { startTemporal } from '../../src/dev/temporal/start-temporal.ts';
import type { RunState } from '../../src/model/state.ts';
import { databaseAt } from '../support/postgres.ts';
import { startAgain } from '../support/start-again.ts';
import { connectTemporalAt } from '../support/temporal.ts';
import { makeWorld } from '../support/world.ts';

const reaper: Reaper = startReaper();
afterAll(() => reaper.close());

const running = (id: string) => (state: RunState) =>
  state.items.some((item) => item.id === id && item.status === 'running');

const COUNTED = {
  'migrations/small/002_items.up.sql':
    "CREATE TABLE app.items (id bigint PRIMARY KEY, name text NOT NULL);\nINSERT INTO public.carried_out SELECT 'items';\nSELECT pg_sleep(2);\n",
};

describe('PostgreSQL', () => {
  it('is killed in the middle of a migration: the step is tried again when the server is back, once', async () => {
    const postgres = await startPostgres({ reaper, settings: { fsync: 'off' } });
    const { port, dataDir } = postgres;
    const database = databaseAt(await postgres.createDatabase('restarted'));
    await database.query('create table public.carried_out (what text)');
    const world = await makeWorld({ files: COUNTED, servers: { database } });
    const handle = await world.start();
    await handle.approve();
    await handle.until('the migration that is going to be cut off', running('apply-002'));
    process.kill(postgres.pid, 'SIGQUIT');
    const again = await startAgain({ reaper, dataDir, port });
    const state = await handle.ended();
    expect(state.outcome).toBe('done');
    expect(await databaseAt(again.databaseUrl('restarted')).query('select what from public.carried_out')).toEqual([
      { what: 'items' },
    ]);
    await again.stop();
    await postgres.stop();
  });
});

describe('Temporal', () => {
  it('is killed with -9 in the middle of a run and started again on its file: the run goes on to its end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drydock-temporal-'));
    const dbFile = join(folder, 'temporal.db');
    const environment = readEnvironment(
      readEnvironment().forChild({ TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined }),
    );
    const first = await startTemporal({ reaper, environment, ui: 'none', dbFile });
    const port = Number(first.address.split(':')[1]);
    const world = await makeWorld({ servers: { temporal: await connectTemporalAt(first) } });
    const handle = await world.start();
    await handle.until('the question', (state) => state.waiting?.kind === 'approval');
    process.kill(first.pid!, 'SIGKILL');
    await first.stop();
    const second = await startTemporal({ reaper, environment, ui: 'none', dbFile, port });
    await handle.approve();
    expect((await handle.ended()).outcome).toBe('done');
    await second.stop();
    await rm(folder, { recursive: true, force: true });
  });
});
