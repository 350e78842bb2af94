/** What a run says and leaves when it is stopped at an awkward moment, or undoes what cannot be wholly undone. */
import { describe, expect, it, vi } from 'vitest';
import { openMigrator } from '../../src/migrator/migrator.ts';
import type { RunState } from '../../src/model/state.ts';
import { makeWorld, SMALL_RUNBOOK, type World } from '../support/world.ts';

const running = (id: string) => (state: RunState) =>
  state.items.some((item) => item.id === id && item.status === 'running');

async function migrated(world: World): Promise<void> {
  const run = await world.start();
  await run.approve();
  expect((await run.ended()).outcome).toBe('done');
}

const FAILING_VALIDATION = SMALL_RUNBOOK.replace("to_regclass('app.notes')", 'null');

describe('a reset that is undone', () => {
  it('says in its verdict that the schema came back and the rows did not, and where they are', async () => {
    const world = await makeWorld();
    await migrated(world);
    await world.database.query("insert into app.items values (1, 'one')");
    await world.write('runbooks/small.yaml', FAILING_VALIDATION);
    const run = await world.start('reset');
    await run.approve();
    const state = await run.ended();
    expect(state.outcome).toBe('rolled-back');
    expect(state.saved).toMatchObject([{ tables: [{ table: 'app.items', rows: 1 }] }]);
    expect(state.sentence).toMatch(
      /everything was undone, the schema is as before, but rows that were dropped are in files, not in the tables: app\.items: 1 row in \/.+ \(worker \d+@.+\)$/,
    );
  });

  it('of a production needs the name of the target, also from the Temporal command line', async () => {
    const world = await makeWorld({ environment: 'production' });
    await migrated(world);
    const refused = await (await world.start('reset')).ended();
    expect(refused).toMatchObject({ outcome: 'failed', problem: { code: 'confirmation-missing' } });
    const run = await world.start('reset', { confirm: world.target });
    await run.approve();
    expect((await run.ended()).outcome).toBe('done');
  });
});

describe('a stop at the last moment', () => {
  it('an abort during the last validation is obeyed: the run does not end as done', async () => {
    const world = await makeWorld({ files: { 'runbooks/small.yaml': SLOW_VALIDATION } });
    const run = await world.start();
    await run.approve();
    await run.until('the validation', running('tables'));
    await run.send('abort', { by: 'kim', reason: 'errors in checkout' });
    expect(await run.ended()).toMatchObject({ outcome: 'rolled-back', stop: { kind: 'aborted' } });
  });

  it('a cancellation during the undo of a failed run does not make a cancelled one of it', async () => {
    const files = {
      'migrations/small/002_items.down.sql': 'SELECT pg_sleep(1);\nDROP TABLE app.items;\n',
      'migrations/small/003_notes.up.sql': 'SELECT 1 / 0;\n',
    };
    const world = await makeWorld({ files });
    const run = await world.start();
    await run.approve();
    await run.until('the slow undo', running('undo-apply-002'));
    await run.workflow.cancel();
    expect(await run.ended()).toMatchObject({ outcome: 'rolled-back', stop: null });
    expect((await run.workflow.describe()).status.name).toBe('FAILED');
  });
});

const SLOW_VALIDATION = SMALL_RUNBOOK.replace(
  '- sql: SELECT to_regclass',
  '- sql: SELECT pg_sleep(1) IS NULL AS slept, to_regclass',
);

describe('a runbook that changes', () => {
  it('while an approval is awaited voids it: the new plan is asked for, with the new checklist', async () => {
    const world = await makeWorld();
    const run = await world.start();
    const { waiting } = await run.until('the question', (state) => state.waiting?.kind === 'approval');
    await world.write('runbooks/small.yaml', SMALL_RUNBOOK.replace('A small runbook', 'A small runbook, revised'));
    await run.approve();
    const again = await run.until('the second question', (state) => {
      return (
        state.waiting?.kind === 'approval' && waiting?.kind === 'approval' && state.waiting.digest !== waiting.digest
      );
    });
    expect(again.approval).toBeNull();
    await run.approve();
    expect((await run.ended()).outcome).toBe('done');
  });

  it('into an invalid one does not stop an undo for good: it goes on when the file is mended', async () => {
    const world = await makeWorld({ files: { 'migrations/small/003_notes.up.sql': 'SELECT pg_sleep(20);\n' } });
    const run = await world.start();
    await run.approve();
    await run.until('the slow migration', running('apply-003'));
    await world.write('runbooks/small.yaml', 'version: 1\nname: small\n');
    await run.send('abort', { by: 'kim', reason: 'too slow' });
    await vi.waitFor(
      async () => {
        const [pending] = (await run.workflow.describe()).raw.pendingActivities ?? [];
        expect(pending?.lastFailure?.message).toContain('the undo waits until this is mended');
      },
      { timeout: 10_000 },
    );
    await world.write('runbooks/small.yaml', SMALL_RUNBOOK);
    expect(await run.ended()).toMatchObject({ outcome: 'rolled-back' });
  });
});

/** Its third part fails: the first two stay, as after a cancelled build. */
const HALF = {
  'migrations/small/002_items.up.sql':
    'CREATE TABLE app.items (id bigint PRIMARY KEY, name text);\nCREATE INDEX CONCURRENTLY items_name ON app.items (name);\nSELECT 1 / 0;\n',
};

async function migrateByHand({ root, database }: World): Promise<void> {
  const migrator = openMigrator({
    url: database.url,
    root,
    directory: 'migrations/small',
    schemas: ['app'],
    ledgerSchema: 'app',
    owner: { appliedBy: 'test', runId: null },
    claim: { kind: 'standalone' },
  });
  await expect(migrator.migrate()).rejects.toMatchObject({ problem: { sqlstate: '22012' } });
  await migrator.close();
}

describe('an unfinished migration', () => {
  it('is nothing to run on: the run refuses before anything is changed, and a rollback run clears it', async () => {
    const world = await makeWorld({ files: HALF });
    await migrateByHand(world);
    expect(await (await world.start()).ended()).toMatchObject({
      outcome: 'failed',
      problem: { code: 'migration-unfinished', found: expect.stringContaining('2 of 3 parts are done') },
    });
    const rollback = await world.start('rollback');
    await rollback.approve();
    expect((await rollback.ended()).outcome).toBe('done');
    const ledger = await world.database.query('select version from app.schema_migrations');
    expect(ledger).toEqual([{ version: '001' }]);
  });
});

describe('the history of a run that fails', () => {
  it('holds the place of the error, and neither SQL nor a secret in it', async () => {
    const world = await makeWorld({
      files: { 'migrations/small/003_notes.up.sql': "ALTER ROLE nosuch_role PASSWORD 's3cr3t-xyz';\n" },
    });
    const run = await world.start();
    await run.approve();
    const state = await run.ended();
    expect(state.outcome).toBe('rolled-back');
    expect(state.problem).toMatchObject({ found: 'migrations/small/003_notes.up.sql:1:1' });
    const history = JSON.stringify(await run.workflow.fetchHistory());
    const decoded = [...history.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)]
      .map(([, data]) => Buffer.from(data!, 'base64').toString())
      .join('\n');
    expect(decoded).toContain('nosuch_role');
    expect(`${history}${decoded}`).not.toMatch(/s3cr3t|ALTER ROLE/);
  });
});
