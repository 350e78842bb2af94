/** Runs that are not carried to their end: a step fails, somebody aborts, Temporal cancels; and all is undone. */
import { describe, expect, it } from 'vitest';
import { makeWorld } from '../support/world.ts';
import { claims, expectNothingChanged, running, statuses } from './run-states.ts';

const SLOW = { 'migrations/small/003_notes.up.sql': 'CREATE TABLE app.notes (id bigint);\nSELECT pg_sleep(30);\n' };

const BROKEN = {
  'migrations/small/003_notes.up.sql':
    "CREATE TABLE app.notes (id bigint);\nDO $$ BEGIN RAISE EXCEPTION 'refused on purpose'; END $$;\n",
};

describe('a step that fails', () => {
  it('has everything before it undone in reverse, proven by equal fingerprints', async () => {
    const world = await makeWorld({ files: BROKEN });
    const run = await world.start();
    await run.approve();
    const state = await run.ended();
    expect(state.outcome).toBe('rolled-back');
    expect(state.problem).toMatchObject({
      message: expect.stringContaining('refused on purpose'),
      resolution: 'do not refuse it',
    });
    expect(statuses(state, 'undo')).toEqual([
      'fence passed',
      'undo-apply-003 passed',
      'undo-apply-002 passed',
      'undo-apply-001 passed',
      'verify passed',
    ]);
    expect(state.fingerprints.after).toBe(state.fingerprints.before);
    await expectNothingChanged(world);
  });

  it('in validation has everything undone as well', async () => {
    const world = await makeWorld({
      files: {
        'migrations/small/003_notes.up.sql': 'SELECT 1;\n',
        'migrations/small/003_notes.down.sql': 'SELECT 1;\n',
      },
    });
    const run = await world.start();
    await run.approve();
    const state = await run.ended();
    expect(state.outcome).toBe('rolled-back');
    expect(statuses(state, 'validation')).toEqual(['tables failed']);
    await expectNothingChanged(world);
  });

  it('leaves a person to it where the undo does not bring the schema back', async () => {
    const world = await makeWorld({
      files: {
        ...BROKEN,
        'migrations/small/002_items.up.sql':
          "CREATE TABLE app.items (id bigint PRIMARY KEY);\nCREATE SCHEMA IF NOT EXISTS side;\nCREATE TYPE app.kind AS ENUM ('a');\n",
        'migrations/small/001_schema.down.sql': 'DROP SCHEMA app CASCADE;\nCREATE SCHEMA app;\n',
      },
    });
    const run = await world.start();
    await run.approve();
    const state = await run.ended();
    expect(state.outcome).toBe('undo-failed');
    expect(state.fingerprints.differences).toEqual(['not there before: schema app']);
    expect(await claims(world)).toBe(0);
  });
});

describe('an abort', () => {
  it('before the approval ends the run with nothing changed', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    await run.send('abort', { by: 'kim', reason: 'wrong database' });
    expect(await run.ended()).toMatchObject({
      outcome: 'aborted',
      sentence: 'aborted by kim: wrong database; nothing was changed',
    });
    await expectNothingChanged(world);
  });

  it('in the middle of a migration cancels its statement and undoes what was done', async () => {
    const world = await makeWorld({ files: SLOW });
    const run = await world.start();
    await run.approve();
    await run.until('the slow migration', running('apply-003'));
    expect(await run.workflow.query('undo')).toEqual({
      sentence: 'an abort would undo 3 steps, compare the schema with how it was before, and let go of the database',
      steps: [
        { id: 'undo-apply-003', title: 'Undo 003_notes' },
        { id: 'undo-apply-002', title: 'Undo 002_items' },
        { id: 'undo-apply-001', title: 'Undo 001_schema' },
      ],
    });
    await run.send('abort', { by: 'kim', reason: 'too slow' });
    const state = await run.ended();
    expect(state).toMatchObject({
      outcome: 'rolled-back',
      sentence: 'aborted by kim: too slow; everything was undone, the schema is as before',
    });
    await expectNothingChanged(world);
    expect(
      await world.database.query(
        `select from pg_stat_activity where datname = current_database() and query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`,
      ),
    ).toEqual([]);
  });
});

describe('a cancellation from Temporal', () => {
  it('undoes what was done, and the workflow ends as cancelled', async () => {
    const world = await makeWorld({ files: SLOW });
    const run = await world.start();
    await run.approve();
    await run.until('the slow migration', running('apply-003'));
    await run.workflow.cancel();
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'rolled-back', stop: { kind: 'cancelled' } });
    expect((await run.workflow.describe()).status.name).toBe('CANCELLED');
    await expectNothingChanged(world);
  });

  it('while it waits for a person ends it with nothing changed', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    await run.workflow.cancel();
    expect((await run.ended()).outcome).toBe('cancelled');
    await expectNothingChanged(world);
  });
});
