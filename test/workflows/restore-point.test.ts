/** A whole run, with real servers: the moment before its first change is marked, and how to come back to it stands in the state. */
import { expect, it } from 'vitest';
import { makeWorld } from '../support/world.ts';

it('writes a restore point named after the run before anything is changed', async () => {
  const world = await makeWorld();
  const run = await world.start();
  await run.approve();
  const state = await run.ended();
  expect(state.outcome).toBe('done');
  const item = state.items.find(({ summary }) => summary?.startsWith('restore point '));
  expect(item).toMatchObject({ phase: 'window', status: 'passed' });
  const { firstExecutionRunId } = run.workflow as { readonly firstExecutionRunId?: string };
  const name = `drydock small ${firstExecutionRunId ?? (await run.workflow.describe()).runId}`;
  expect(item?.summary).toMatch(new RegExp(`^restore point "${name}" at [0-9A-F]+/[0-9A-F]+ on timeline 1$`));
  expect(item?.evidence.at(-1)?.value).toContain(`recovery_target_name = '${name}'`);
});
