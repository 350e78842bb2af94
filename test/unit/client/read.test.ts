/** What can be known of a run: with a worker exactly, without one from what Temporal keeps, and never after a long wait. */
import { describe, expect, it } from 'vitest';
import { readNotes } from '../../../src/client/notes.ts';
import { readRun } from '../../../src/client/read.ts';
import { type Handle, makeWorld, type World } from '../../support/world.ts';
import { linkTo } from './link.ts';

const SLOW = { 'migrations/small/003_notes.up.sql': 'CREATE TABLE app.notes (id bigint);\nSELECT pg_sleep(60);\n' };
const patience = { workerTimeoutMs: 1_500 };

async function timed<T>(work: Promise<T>): Promise<{ value: T; tookMs: number }> {
  const startedAt = performance.now();
  return { value: await work, tookMs: performance.now() - startedAt };
}

/** A run that has come to what is wanted, and whose only worker is then killed. */
async function abandoned(
  when: (run: Handle) => Promise<unknown>,
  files: Record<string, string> = {},
): Promise<{ world: World; run: Handle }> {
  const world = await makeWorld({ worker: 'none', files });
  const worker = world.startWorkerProcess();
  const run = await world.start();
  await when(run);
  process.kill(worker.pid, 'SIGKILL');
  await worker.ended;
  return { world, run };
}

const question = (run: Handle) => run.until('the question', (state) => state.waiting?.kind === 'approval');

describe('reading a run while a worker answers', () => {
  it('gives state, plan and what an abort would do', async () => {
    const world = await makeWorld();
    const run = await world.start();
    const { planDigest } = await question(run);
    const read = await readRun(await linkTo(world), { workflowId: world.workflowId });
    expect(read).toMatchObject({ source: 'worker', state: { planDigest }, plan: { digest: planDigest } });
    expect(read.undo?.sentence).toMatch(/^an abort would end the run; nothing has been changed yet/);
    expect(read.run).toMatchObject({ closed: false, status: 'RUNNING', workflowType: 'runRunbook' });
    expect(readNotes(read)).toEqual([]);
  });
});

describe('reading an open run while no worker answers', () => {
  it('gives what Temporal keeps: the question, the plan from history, and says so, in seconds', async () => {
    const { world, run } = await abandoned(question);
    const { value: read, tookMs } = await timed(
      readRun(await linkTo(world), { workflowId: world.workflowId }, patience),
    );
    expect(tookMs).toBeLessThan(5_000);
    expect(read).toMatchObject({
      source: 'memo',
      undo: null,
      state: { waiting: { kind: 'approval', digest: read.plan?.digest }, runbook: 'small', target: world.target },
    });
    expect(read.plan?.steps).toHaveLength(5);
    expect(readNotes(read)).toEqual(['no worker answers; this is what Temporal keeps, as of the last change of phase']);
    await run.workflow.terminate();
  });

  it('names the activity that was under way, and which attempt it is at', async () => {
    const { world, run } = await abandoned(async (begun) => {
      await begun.approve();
      await begun.until('the slow migration', (state) =>
        state.items.some((item) => item.id === 'apply-003' && item.status === 'running'),
      );
    }, SLOW);
    const read = await readRun(await linkTo(world), { workflowId: world.workflowId }, patience);
    expect(read.run.pending).toMatchObject([{ name: 'applyMigration', attempt: 1 }]);
    expect(readNotes(read)[1]).toMatch(/^applyMigration is (started|scheduled) \(attempt \d/);
    await run.workflow.terminate();
  });

  it('knows name and start of a run that no worker has ever seen', async () => {
    const world = await makeWorld({ worker: 'none' });
    const run = await world.start('reset');
    const read = await readRun(await linkTo(world), { workflowId: world.workflowId }, patience);
    expect(read.state).toMatchObject({ runbook: 'small', target: world.target, operation: 'reset', phase: 'load' });
    expect(readNotes(read)).toEqual(['no worker has answered for this run yet; only its name and start are known']);
    await run.workflow.terminate();
  });
});

describe('reading a closed run while no worker answers', () => {
  it('gives the whole final state of a run that failed, from its history', async () => {
    const { world } = await abandoned(async (run) => {
      const { planDigest } = await question(run);
      await run.send('reject', { by: 'kim', reason: 'not tonight' });
      await run.ended();
      expect(planDigest).not.toBeNull();
    });
    const read = await readRun(await linkTo(world), { workflowId: world.workflowId }, patience);
    expect(read).toMatchObject({
      source: 'history',
      state: { outcome: 'rejected', stop: { by: 'kim' }, items: expect.arrayContaining([]) },
      run: { closed: true, status: 'FAILED' },
    });
    expect(read.state.items.every((item) => item.status !== 'running')).toBe(true);
    expect(readNotes(read)).toEqual(['no worker answers; this is the final state that the run left in its history']);
  });

  it('gives the final state of a run that is done', async () => {
    const { world } = await abandoned(async (run) => {
      await run.approve();
      await run.ended();
    });
    const read = await readRun(await linkTo(world), { workflowId: world.workflowId }, patience);
    expect(read).toMatchObject({ source: 'history', state: { outcome: 'done' }, run: { status: 'COMPLETED' } });
  });
});

describe('reading a run that could not say itself how it ended', () => {
  it('says that a terminated run was changed and not undone, where it was at its migrations', async () => {
    const world = await makeWorld({ files: SLOW });
    const run = await world.start();
    await run.approve();
    await run.until('the slow migration', (state) =>
      state.items.some((item) => item.id === 'apply-003' && item.status === 'running'),
    );
    await run.workflow.terminate('pulled the plug');
    const { state } = await readRun(await linkTo(world), { workflowId: world.workflowId });
    expect(state).toMatchObject({ outcome: 'undo-failed', phase: 'execution' });
    expect(state.sentence).toMatch(
      /^the workflow was terminated in phase execution \(.*\), and so nothing was undone or let go of$/,
    );
  });

  it('says that a terminated run had changed nothing, where it still waited', async () => {
    const world = await makeWorld();
    const run = await world.start();
    await question(run);
    await run.workflow.terminate();
    const { state } = await readRun(await linkTo(world), { workflowId: world.workflowId });
    expect(state).toMatchObject({ outcome: 'failed', phase: 'window', waiting: null });
  });

  it('gives the sentence of a run that was refused for its input', async () => {
    const world = await makeWorld();
    const run = await world.start('run', { drain: 'long' });
    await run.workflow.result().catch(() => undefined);
    const { state } = await readRun(await linkTo(world), { workflowId: world.workflowId });
    expect(state).toMatchObject({
      outcome: 'failed',
      sentence: 'invalid-input: "drain" has to be a duration such as "5m" or "30s", found "long"',
    });
  });
});
