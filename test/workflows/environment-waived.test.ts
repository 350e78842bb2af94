/** What the check `environment` finds may be accepted by a person, with a reason; what it was right about still ends the run, undone. */
import { describe, expect, it } from 'vitest';
import { takeLease } from '../../src/drain/lease/lease.ts';
import { loadRunbook } from '../../src/runbook/load.ts';
import { ROOT } from '../support/processes.ts';
import { makeWorld, SMALL_RUNBOOK } from '../support/world.ts';
import { expectNothingChanged } from './run-states.ts';

const FILES = {
  'runbooks/small.yaml': SMALL_RUNBOOK.replace(
    '  - { id: dry-run,',
    '  - { id: environment, title: Environment and rights, check: environment, waivable: true }\n  - { id: dry-run,',
  ),
};

/** A run that is asked about its environment, and then approved. */
async function waived(world: Awaited<ReturnType<typeof makeWorld>>) {
  const run = await world.start();
  const asked = await run.until('the question', ({ waiting }) => waiting?.kind === 'decision');
  expect(asked.waiting).toMatchObject({ item: { id: 'environment' }, waivable: true });
  await run.send('decide', { by: 'kim', item: 'environment', action: 'waive', reason: 'known, and harmless' });
  await run.approve();
  const state = await run.ended();
  const item = state.items.find(({ id }) => id === 'environment');
  expect(item).toMatchObject({ status: 'waived', waiver: { by: 'kim', reason: 'known, and harmless' } });
  return { state, item };
}

describe('both runbooks', () => {
  it.each(['communication', 'authz'])('%s let backups and environment be waived, and nothing else', async (name) => {
    const { definition } = await loadRunbook(name, ROOT);
    const may = definition.checklist.filter(({ waivable }) => waivable).map(({ id }) => id);
    expect(may).toEqual(['environment', 'dump-archives', 'wal-archiving']);
  });
});

describe('an environment that is waived', () => {
  it('lets the run go on, and its evidence stays in the state', async () => {
    const world = await makeWorld({ files: FILES });
    const other = { workflowId: 'quay/other', runId: 'run-9', token: '0', namespace: 'default', target: 'other' };
    await takeLease(await world.database.connect(), other, 1);
    const { state, item } = await waived(world);
    expect(state.outcome).toBe('done');
    expect(item?.problem).toMatchObject({ code: 'hold-left-behind' });
    expect(item?.evidence).toContainEqual({ name: 'hold', value: expect.stringMatching(/^quay\/other, lease over/) });
  });

  it('does not help a migration whose tables are missing: it fails, and all is undone', async () => {
    const world = await makeWorld({
      files: {
        ...FILES,
        'migrations/small/003_notes.up.sql':
          'CREATE TABLE app.notes (id bigint PRIMARY KEY, written_by bigint REFERENCES core.users (id));\n',
      },
    });
    const { state, item } = await waived(world);
    expect(item?.problem).toMatchObject({ code: 'referenced-table-missing' });
    expect(state).toMatchObject({ outcome: 'rolled-back', problem: { sqlstate: '3F000' } });
    await expectNothingChanged(world);
  });
});
