/** A worker that is killed with -9 in the middle of a step: another goes on, and nothing is applied twice. */
import { describe, expect, it } from 'vitest';
import type { RunState } from '../../src/model/state.ts';
import { makeWorld, type World } from '../support/world.ts';

/** The second migration counts how often it was carried out, in a table that no rollback of it would touch. */
const COUNTED = {
  'migrations/small/002_items.up.sql': [
    'CREATE TABLE app.items (id bigint PRIMARY KEY, name text NOT NULL);',
    "INSERT INTO public.carried_out SELECT 'items';",
    'SELECT pg_sleep(3);',
    '',
  ].join('\n'),
};

const running = (id: string) => (state: RunState) =>
  state.items.some((item) => item.id === id && item.status === 'running');

async function sleeping({ database }: World): Promise<number> {
  const rows = await database.query(
    `select from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid() and query like '%pg_sleep(3)%'`,
  );
  return rows.length;
}

async function untilSleeping(world: World): Promise<void> {
  for (let tries = 0; (await sleeping(world)) === 0; tries += 1) {
    if (tries > 200) throw new Error('the migration did not come to its pg_sleep');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a worker killed with -9', () => {
  it('in the middle of a migration: the next one carries it out once, and the run ends well', async () => {
    const world = await makeWorld({ files: COUNTED, worker: 'none' });
    await world.database.query('create table public.carried_out (what text)');
    const first = world.startWorkerProcess();
    const run = await world.start();
    await run.approve();
    await run.until('the migration that is going to be cut off', running('apply-002'));
    await untilSleeping(world);
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    world.startWorkerProcess();
    const state = await run.ended();
    expect(state.outcome).toBe('done');
    expect(await world.database.query('select what from public.carried_out')).toEqual([{ what: 'items' }]);
    const ledger = await world.database.query('select version from app.schema_migrations order by version');
    expect(ledger.map((row) => row.version)).toEqual(['001', '002', '003']);
  });

  it('and no other: the run waits, its state can still be read, and it goes on with the next worker', async () => {
    const world = await makeWorld({ worker: 'none' });
    const first = world.startWorkerProcess();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    const { memo } = await run.workflow.describe();
    expect(memo?.drydock).toMatchObject({
      phase: 'window',
      waiting: { kind: 'approval' },
      status: 'waiting for approval',
    });
    world.startWorkerProcess();
    await run.approve();
    expect((await run.ended()).outcome).toBe('done');
  });

  it('while it undoes: the next one finishes the undo', async () => {
    const slowDown = { 'migrations/small/002_items.down.sql': 'SELECT pg_sleep(3);\nDROP TABLE app.items;\n' };
    const broken = { 'migrations/small/003_notes.up.sql': 'SELECT 1 / 0;\n' };
    const world = await makeWorld({ files: { ...slowDown, ...broken }, worker: 'none' });
    const first = world.startWorkerProcess();
    const run = await world.start();
    await run.approve();
    await run.until('the slow undo', running('undo-apply-002'));
    await untilSleeping(world);
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    world.startWorkerProcess();
    const state = await run.ended();
    expect(state.outcome).toBe('rolled-back');
    expect(await world.database.query(`select nspname from pg_namespace where nspname = 'app'`)).toEqual([]);
  });
});

describe('a worker told to stop with SIGTERM', () => {
  it('hands the migration over at once, and nothing is applied twice', async () => {
    const world = await makeWorld({ files: COUNTED, worker: 'none' });
    await world.database.query('create table public.carried_out (what text)');
    const first = world.startWorkerProcess();
    const run = await world.start();
    await run.approve();
    await run.until('the migration that is going to be handed over', running('apply-002'));
    await untilSleeping(world);
    process.kill(first.pid, 'SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });
    world.startWorkerProcess();
    expect((await run.ended()).outcome).toBe('done');
    expect(await world.database.query('select what from public.carried_out')).toEqual([{ what: 'items' }]);
  });
});
