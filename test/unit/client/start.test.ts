/** Starting a run: input judged before it is sent, and never two on one target. */
import { describe, expect, it } from 'vitest';
import { startRun } from '../../../src/client/start.ts';
import { problemOf } from '../../support/problem-of.ts';
import { makeWorld } from '../../support/world.ts';
import { linkTo } from './link.ts';

async function setup() {
  const world = await makeWorld({ worker: 'none' });
  const { runbook, target, taskQueue } = world;
  return { world, link: await linkTo(world), input: { runbook, target, requestedBy: 'kim' }, taskQueue };
}

describe('starting a run', () => {
  it('starts the type of the operation under the id of runbook and target, with a summary for the UI', async () => {
    const { world, link, input, taskQueue } = await setup();
    const started = await startRun(link, { operation: 'rollback', input, taskQueue });
    expect(started).toMatchObject({ workflowId: world.workflowId, workflowType: 'rollbackRunbook' });
    const found = await world.temporal.client.workflow.getHandle(world.workflowId, started.runId).describe();
    expect(await found.staticSummary()).toBe(`rollback small on ${world.target}, asked for by kim`);
  });

  it('refuses a second one of any operation, naming the one at work and how to watch it', async () => {
    const { world, link, input, taskQueue } = await setup();
    const { runId } = await startRun(link, { operation: 'run', input, taskQueue });
    const problem = await problemOf(startRun(link, { operation: 'reset', input, taskQueue }));
    expect(problem).toMatchObject({
      code: 'run-exists',
      message: `a run of ${world.workflowId} is at work already`,
      expected: 'one run at a time on a target, whatever its operation',
      next: `pnpm tsx src/cli/drydock.ts watch ${world.workflowId}`,
    });
    expect(problem.found).toMatch(new RegExp(`^workflow type runRunbook, run ${runId}, started \\d{4}-\\d\\d-\\d\\dT`));
  });

  it('refuses input that the workflow would refuse, before anything is started', async () => {
    const { world, link, input, taskQueue } = await setup();
    const problem = await problemOf(startRun(link, { operation: 'run', input: { ...input, drain: '5' }, taskQueue }));
    expect(problem).toMatchObject({
      code: 'input-invalid',
      message: '"drain" has to be a duration such as "5m" or "30s", found "5"',
    });
    const handle = world.temporal.client.workflow.getHandle(world.workflowId);
    await expect(handle.describe()).rejects.toThrow(/not found/i);
  });
});
