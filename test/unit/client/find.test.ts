/** Which run is meant, and which runs there are. */
import { describe, expect, it } from 'vitest';
import type { TemporalLink } from '../../../src/client/connect.ts';
import { findRun } from '../../../src/client/find.ts';
import { type ListFilter, listRuns, type RunSummary } from '../../../src/client/list.ts';
import { problemOf } from '../../support/problem-of.ts';
import { makeWorld, type World } from '../../support/world.ts';
import { linkTo } from './link.ts';

const runbooks = async () => ['small', 'communication'];
const none = async () => [];

/** Visibility is a moment behind the truth. */
async function listed(
  link: TemporalLink,
  filter: ListFilter,
  wanted: (runs: readonly RunSummary[]) => boolean,
): Promise<readonly RunSummary[]> {
  for (let tries = 0; ; tries += 1) {
    const runs = await listRuns(link, filter);
    if (wanted(runs) || tries > 100) return runs;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function ended(world: World): Promise<void> {
  const run = await world.start();
  await run.until('the question', (state) => state.waiting?.kind === 'approval');
  await run.send('reject', { by: 'kim', reason: 'not tonight' });
  await run.ended();
}

describe('finding a run', () => {
  it('takes a workflow id, or a target with the runbooks of the checkout, or what Temporal lists', async () => {
    const world = await makeWorld();
    const run = await world.start();
    const link = await linkTo(world);
    const { workflowId, target } = world;
    for (const wanted of [
      { text: workflowId, runbooks: none },
      { text: target, runbooks },
    ]) {
      expect(await findRun(link, wanted)).toMatchObject({ workflowId, closed: false });
    }
    await listed(link, { target }, (runs) => runs.length === 1);
    expect(await findRun(link, { text: target, runbooks: none })).toMatchObject({ workflowId });
    await run.workflow.terminate();
  });

  it('gives the last one of a target where none is open', async () => {
    const world = await makeWorld();
    await ended(world);
    expect(await findRun(await linkTo(world), { text: world.target, runbooks })).toMatchObject({ closed: true });
  });

  it('refuses to guess between two', async () => {
    const world = await makeWorld({ worker: 'none' });
    const { target, taskQueue, temporal } = world;
    const handles = await Promise.all(
      ['small', 'communication'].map((runbook) =>
        temporal.client.workflow.start('runRunbook', {
          workflowId: `${runbook}/${target}`,
          taskQueue,
          args: [{ runbook, target }],
        }),
      ),
    );
    expect(await problemOf(findRun(await linkTo(world), { text: target, runbooks }))).toMatchObject({
      code: 'run-ambiguous',
      found: `small/${target}\ncommunication/${target}`,
      next: `name it, as in: pnpm tsx src/cli/drydock.ts state small/${target}`,
    });
    for (const handle of handles) await handle.terminate();
  });

  it('says that a target has no run', async () => {
    const world = await makeWorld({ worker: 'none' });
    expect(await problemOf(findRun(await linkTo(world), { text: 'nowhere', runbooks }))).toMatchObject({
      code: 'run-not-found',
      message: 'there is no run on a target "nowhere"',
    });
  });
});

describe('finding the run that is meant by nothing at all', () => {
  it('takes the only one that is open, and never one of two', async () => {
    const world = await makeWorld({ worker: 'none' });
    const link = await linkTo(world);
    const runbook = `lonely-${process.pid}`;
    const lonely = { text: undefined, runbooks: async () => [runbook] };
    expect(await problemOf(findRun(link, lonely))).toMatchObject({
      code: 'run-not-named',
      message: 'no run is open, and none was named',
      next: 'look at those there were: pnpm tsx src/cli/drydock.ts runs',
    });
    const start = (target: string) =>
      world.temporal.client.workflow.start('runRunbook', {
        workflowId: `${runbook}/${target}`,
        taskQueue: world.taskQueue,
        args: [{ runbook, target }],
      });
    const first = await start('one');
    await listed(link, { runbook }, (runs) => runs.length === 1);
    expect(await findRun(link, lonely)).toMatchObject({ workflowId: `${runbook}/one` });
    const second = await start('two');
    await listed(link, { runbook }, (runs) => runs.length === 2);
    expect(await problemOf(findRun(link, lonely))).toMatchObject({ code: 'run-ambiguous' });
    await Promise.all([first.terminate(), second.terminate()]);
  });
});

describe('listing runs', () => {
  it('gives the newest first, with what became of each', async () => {
    const world = await makeWorld();
    const link = await linkTo(world);
    await ended(world);
    const second = await world.start('rollback');
    await second.ended();
    const third = await world.start();
    await third.until('the question', (state) => state.waiting?.kind === 'approval');
    const { target, workflowId } = world;
    const runs = await listed(
      link,
      { target },
      ([newest, ...others]) => others.length === 2 && newest?.doing === 'waiting for approval',
    );
    expect(runs).toMatchObject([
      { workflowId, operation: 'run', closed: false, outcome: null, doing: 'waiting for approval', closedAt: null },
      { operation: 'rollback', closed: true, outcome: 'up-to-date', doing: 'up-to-date', requestedBy: 'test' },
      { operation: 'run', closed: true, outcome: 'rejected', status: 'FAILED' },
    ]);
    expect(await listRuns(link, { target, status: 'open' })).toHaveLength(1);
    expect(await listRuns(link, { target, status: 'closed', limit: 1 })).toMatchObject([{ operation: 'rollback' }]);
    expect(await listRuns(link, { target, runbook: 'other' })).toEqual([]);
    await third.workflow.terminate();
  });
});
