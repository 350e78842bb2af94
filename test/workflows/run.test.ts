/** Runs of a small runbook on real servers: the way forward, what makes them wait, the way back on purpose, and two at once. */
import { describe, expect, it, vi } from 'vitest';
import { temporalCli } from '../support/temporal.ts';
import { type Handle, makeWorld, type World } from '../support/world.ts';
import { claims, expectNothingChanged, running, statuses } from './run-states.ts';

async function applied({ database }: World): Promise<string[]> {
  const [there] = await database.query<{ there: boolean }>(
    `select to_regclass('app.schema_migrations') is not null as there`,
  );
  if (!there?.there) return [];
  const rows = await database.query<{ version: string }>(
    'select version from app.schema_migrations where finished_at is not null order by version',
  );
  return rows.map((row) => row.version);
}

/** How many sessions are in the sleep of the second migration. */
async function asleep({ database }: World): Promise<number> {
  const rows = await database.query(
    `select from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid() and query like '%pg_sleep(1.5)%'`,
  );
  return rows.length;
}

/** The table is there from the first migration on; the second leaves time to come back to it. */
const EARLY_ITEMS = {
  'migrations/small/001_schema.up.sql': 'CREATE SCHEMA app;\nCREATE TABLE app.items (id bigint PRIMARY KEY);\n',
  'migrations/small/001_schema.down.sql': 'DROP TABLE app.items;\nDROP SCHEMA app;\n',
  'migrations/small/002_items.up.sql': 'SELECT pg_sleep(1.5);\n',
  'migrations/small/002_items.down.sql': 'SELECT 1;\n',
};

describe('a run that is approved', () => {
  it('applies every migration, validates, lets go of the database and writes its report', async () => {
    const world = await makeWorld();
    const run = await world.start();
    expect(await run.approve()).toMatch(
      /^plan [0-9a-f]{12} approved by kim; next: the checks are taken again, then 200 ms of quiet are proven$/,
    );
    const state = await run.ended();
    expect(state).toMatchObject({
      outcome: 'done',
      sentence: '3 migrations done, 1 validation passed',
      approval: { by: 'kim' },
      held: false,
      problem: null,
    });
    expect(statuses(state, 'execution')).toEqual([
      'status-before passed',
      'apply-001 passed',
      'apply-002 passed',
      'apply-003 passed',
      'status-after passed',
    ]);
    expect(await applied(world)).toEqual(['001', '002', '003']);
    expect(await claims(world)).toBe(0);
    expect(state.reportFiles.map((file) => file.replace(/^.*\./, ''))).toEqual(['md', 'html', 'json']);
  });

  it('takes every check twice: before the question and after the answer', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.approve();
    const state = await run.ended();
    expect(state.items.filter((item) => item.phase === 'checklist').map((item) => item.attempts)).toEqual([2, 2]);
  });

  it('ends as up to date, asking nobody, where there is nothing to do', async () => {
    const world = await makeWorld();
    const first = await world.start();
    await first.approve();
    await first.ended();
    const state = await (await world.start()).ended();
    expect(state).toMatchObject({
      outcome: 'up-to-date',
      approval: null,
      sentence: `every migration of small is applied on ${world.target} already: nothing to do`,
    });
  });

  it('puts no SQL, no row and no URL into its history', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.approve();
    await run.ended();
    const history = JSON.stringify(await run.workflow.fetchHistory());
    const decoded = [...history.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)]
      .map(([, data]) => Buffer.from(data!, 'base64').toString())
      .join('\n');
    expect(decoded).toContain('apply-002');
    expect(decoded).not.toMatch(/CREATE TABLE|to_regclass|postgres:\/\//);
  });
});

describe('an approval', () => {
  it('without the digest of the plan is refused, and the refusal is shown in the state', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    const { digest } = await run.plan();
    await run.signal('approve', { by: 'kim' });
    await run.signal('approve', { by: 'kim', plan: '0000000000' });
    const state = await run.until('two refusals', ({ refusals }) => refusals.length === 2);
    expect(state.refusals.map(({ by, reason }) => `${by}: ${reason}`)).toEqual([
      'kim: "plan" is missing; expected at least 8 hex digits of the plan\'s digest, as in {"by":"kim","plan":"3f9c2a71b0de","reason":"window agreed"}',
      `kim: 0000000000 is not the plan that waits; the plan to approve is ${digest.slice(0, 12)}; look at it before you approve it`,
    ]);
    expect(state.waiting?.kind).toBe('approval');
    await run.send('reject', { by: 'kim', reason: 'enough' });
    await run.ended();
  });

  it('is void where the files have changed since, and the new plan is asked for', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    const first = (await run.plan()).digest;
    await world.write('migrations/small/003_notes.up.sql', 'CREATE TABLE app.notes (id bigint);\n');
    await run.approve();
    const state = await run.until(
      'the second question',
      ({ waiting }) => waiting?.kind === 'approval' && waiting.digest !== first,
    );
    expect(state.approval).toBeNull();
    expect((await run.events()).find((event) => event.kind === 'approval-void')).toMatchObject({
      because: expect.stringContaining(`the plan is no longer ${first.slice(0, 12)} but `),
    });
    await run.approve();
    expect((await run.ended()).outcome).toBe('done');
  });

  it('that is a rejection ends the run with nothing changed', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    expect(await run.send('reject', { by: 'kim', reason: 'not tonight' })).toBe(
      'rejected by kim; next: the run ends with nothing changed',
    );
    expect(await run.ended()).toMatchObject({
      outcome: 'rejected',
      sentence: 'rejected by kim: not tonight; nothing was changed',
    });
    await expectNothingChanged(world);
    expect((await run.workflow.describe()).status.name).toBe('FAILED');
  });

  it('that nobody gives ends the run when its time is over, with nothing changed', async () => {
    const world = await makeWorld();
    const run = await world.start('run', { approvalTimeout: '300ms' });
    expect(await run.ended()).toMatchObject({
      outcome: 'expired',
      sentence: 'nobody gave an approval in time; nothing was changed',
    });
    await expectNothingChanged(world);
  });
});

describe('a checklist item that fails', () => {
  const ITEM =
    '  - { id: dumps, title: There is a dump, check: dump-archives, maxAge: 4h, waivable: true }\n  - { id: primary,';
  const withDumps = async (): Promise<{ world: World; run: Handle }> => {
    const { SMALL_RUNBOOK } = await import('../support/world.ts');
    const files = { 'runbooks/small.yaml': SMALL_RUNBOOK.replace('  - { id: primary,', ITEM) };
    const world = await makeWorld({ files, target: 'backups: { archives: ["dumps/*.sql"] }' });
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'decision');
    return { world, run };
  };

  it('can be retried once its cause is mended', async () => {
    const { world, run } = await withDumps();
    await world.write(
      'dumps/nightly.sql',
      '-- PostgreSQL database dump\nSELECT 1;\n--\n-- PostgreSQL database dump complete\n--\n\n',
    );
    expect(await run.send('decide', { by: 'kim', item: 'dumps', action: 'retry' })).toBe(
      'retry of dumps by kim; next: it is checked again',
    );
    await run.approve();
    const state = await run.ended();
    expect(state.outcome).toBe('done');
    expect(state.items.find((item) => item.id === 'dumps')).toMatchObject({ status: 'passed', attempts: 3 });
  });

  it('can be waived by a named person with a reason, and stays waived', async () => {
    const { run } = await withDumps();
    await expect(run.send('decide', { by: 'kim', item: 'dumps', action: 'waive' })).rejects.toThrow();
    await run.send('decide', { by: 'kim', item: 'dumps', action: 'waive', reason: 'a snapshot was taken' });
    await run.approve();
    const state = await run.ended();
    expect(state.outcome).toBe('done');
    expect(state.items.find((item) => item.id === 'dumps')).toMatchObject({
      status: 'waived',
      waiver: { by: 'kim', reason: 'a snapshot was taken' },
    });
  });
});

describe('a pause', () => {
  it('holds the run before its next step until it is resumed', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    await run.send('pause', { by: 'kim', reason: 'looking' });
    await run.approve();
    expect((await run.state()).paused).toEqual({ by: 'kim', reason: 'looking' });
    await run.send('resume', { by: 'kim' });
    expect((await run.ended()).outcome).toBe('done');
  });
});

describe('rollback and reset', () => {
  it('revert the last migration, and everything with all applied again', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.approve();
    await run.ended();
    const rollback = await world.start('rollback');
    await rollback.approve();
    expect(await rollback.ended()).toMatchObject({ outcome: 'done', operation: 'rollback' });
    expect(await applied(world)).toEqual(['001', '002']);
    const reset = await world.start('reset');
    await reset.approve();
    expect(await reset.ended()).toMatchObject({ outcome: 'done', operation: 'reset' });
    expect(await applied(world)).toEqual(['001', '002', '003']);
  });

  it('say so where there is nothing to roll back', async () => {
    const world = await makeWorld();
    const state = await (await world.start('rollback')).ended();
    expect(state).toMatchObject({
      outcome: 'up-to-date',
      sentence: `no migration of small is applied on ${world.target}: nothing to roll back`,
    });
  });
});

describe('traffic that comes back in the middle of a run', () => {
  it('is waited for before the next migration, and the run goes on when it is gone', async () => {
    const world = await makeWorld({ files: EARLY_ITEMS });
    const run = await world.start();
    await run.approve();
    await vi.waitFor(async () => expect(await asleep(world)).toBe(1), { timeout: 20_000 });
    const writer = await world.database.connect({ application_name: 'checkout' });
    await writer.query('begin; lock table app.items in row exclusive mode');
    await run.until('the third migration, held up', running('apply-003'));
    await vi.waitFor(
      async () => {
        const [pending] = (await run.workflow.describe()).raw.pendingActivities ?? [];
        expect(pending?.lastFailure?.message).toContain('not-quiet: traffic came back');
      },
      { timeout: 10_000 },
    );
    await writer.query('rollback');
    expect((await run.ended()).outcome).toBe('done');
  });
});

describe('two at once', () => {
  it('a second start is refused by the client and by the Temporal CLI', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await expect(world.start('rollback')).rejects.toMatchObject({ name: 'WorkflowExecutionAlreadyStartedError' });
    const input = JSON.stringify({ runbook: 'small', target: world.target });
    const args = [
      'workflow',
      'start',
      '--fail-existing',
      '--type',
      'runRunbook',
      '--task-queue',
      world.taskQueue,
      '--workflow-id',
      world.workflowId,
      '--input',
      input,
    ];
    expect(await temporalCli(args)).toMatchObject({ kind: 'exited', code: 1 });
    await run.send('abort', { by: 'kim', reason: 'enough' });
    await run.ended();
  });

  it('a claim of another run that is at work stops this one before it changes anything; one whose run is over does not', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    await run.workflow.terminate('the test takes it away without an undo');
    expect(await claims(world)).toBe(1);
    const next = await world.start();
    await next.approve();
    expect((await next.ended()).outcome).toBe('done');
  });
});
