/** The plain `temporal` command line against a worker process: start, look, approve, reject, abort, and every wrong start. */
import { describe, expect, it } from 'vitest';
import type { RunState } from '../../src/model/state.ts';
import { temporalCli } from '../support/temporal.ts';
import { makeWorld, type World } from '../support/world.ts';

async function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const outcome = await temporalCli(args);
  if (outcome.kind !== 'exited') throw new Error(`temporal ${args.join(' ')}: ${outcome.kind}`);
  return outcome;
}

function startArgs(world: World, change: Partial<Record<'type' | 'id' | 'input', string>> = {}): string[] {
  const input = JSON.stringify({ runbook: world.runbook, target: world.target, requestedBy: 'kim' });
  return [
    ...['workflow', 'start', '--fail-existing', '--type', change.type ?? 'runRunbook', '--task-queue', world.taskQueue],
    ...['--workflow-id', change.id ?? world.workflowId, '--input', change.input ?? input],
  ];
}

async function state(world: World): Promise<RunState> {
  const { stdout } = await cli('workflow', 'query', '--workflow-id', world.workflowId, '--type', 'state', '-o', 'json');
  return (JSON.parse(stdout) as { queryResult: RunState[] }).queryResult[0]!;
}

async function until(world: World, wanted: (now: RunState) => boolean): Promise<RunState> {
  for (let tries = 0; tries < 200; tries += 1) {
    const now = await state(world);
    if (wanted(now)) return now;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('waited in vain');
}

async function failureOf(world: World, id = world.workflowId): Promise<string> {
  await cli('workflow', 'result', '--workflow-id', id);
  const { stdout } = await cli('workflow', 'show', '--workflow-id', id, '-o', 'json');
  const { events } = JSON.parse(stdout) as {
    events: { workflowExecutionFailedEventAttributes?: { failure: { message: string } } }[];
  };
  return events.at(-1)?.workflowExecutionFailedEventAttributes?.failure.message ?? 'it did not fail';
}

describe('with nothing but the temporal command line', () => {
  it('a run is started, looked at, approved by a signal, and ends as completed', async () => {
    const world = await makeWorld({ worker: 'none' });
    world.startWorkerProcess();
    expect((await cli(...startArgs(world))).code).toBe(0);
    const { planDigest } = await until(world, (now) => now.waiting?.kind === 'approval');
    const approval = JSON.stringify({ by: 'kim', plan: planDigest?.slice(0, 8) });
    expect(
      (await cli('workflow', 'signal', '--workflow-id', world.workflowId, '--name', 'approve', '--input', approval))
        .code,
    ).toBe(0);
    expect((await cli('workflow', 'result', '--workflow-id', world.workflowId)).code).toBe(0);
    expect(await state(world)).toMatchObject({ outcome: 'done', approval: { by: 'kim' } });
  });

  it('an update brings its answer back, a refused one its reason, and an abort ends the run with nothing changed', async () => {
    const world = await makeWorld({ worker: 'none' });
    world.startWorkerProcess();
    await cli(...startArgs(world));
    await until(world, (now) => now.waiting?.kind === 'approval');
    const update = (name: string, input: object) =>
      cli(
        'workflow',
        'update',
        'execute',
        '--workflow-id',
        world.workflowId,
        '--name',
        name,
        '--input',
        JSON.stringify(input),
      );
    const refused = await update('approve', { by: 'kim', plan: '00000000' });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('approve refused: 00000000 is not the plan that waits');
    const aborted = await update('abort', { by: 'kim', reason: 'wrong night' });
    expect(aborted.stdout).toContain('abort asked by kim; next: the run ends with nothing changed');
    expect(await failureOf(world)).toContain('aborted by kim: wrong night; nothing was changed; next: ');
  });

  it('a second start is refused with exit code 1', async () => {
    const world = await makeWorld();
    await cli(...startArgs(world));
    await until(world, (now) => now.waiting?.kind === 'approval');
    const second = await cli(...startArgs(world, { type: 'resetRunbook' }));
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('already');
    await cli('workflow', 'cancel', '--workflow-id', world.workflowId);
    await cli('workflow', 'result', '--workflow-id', world.workflowId);
    expect((await state(world)).outcome).toBe('cancelled');
  });
});

describe('a wrong start ends as a failed workflow with a sentence', () => {
  it.each([
    [
      { type: 'runRunbok' },
      'unknown-workflow-type: there is no workflow type "runRunbok"; found instead: runRunbook, rollbackRunbook, resetRunbook; next: start it again with --type runRunbook',
    ],
    [
      { input: '"demo"' },
      'invalid-input: expected a JSON object such as {"runbook":"communication","target":"local","requestedBy":"kim"}, found the text "demo"',
    ],
    [
      { input: '{"runbook":"small"}' },
      'invalid-input: "target" is missing; expected a name, as in {"runbook":"communication","target":"local","requestedBy":"kim"}',
    ],
    [
      { input: '{"runbook":"small","target":"x","drian":"5m"}' },
      'invalid-input: unknown "drian"; known: runbook, target, requestedBy, confirm, approvalTimeout, drain, drainTimeout',
    ],
    [
      { input: '{"runbook":"small","target":"x","drain":"5"}' },
      'invalid-input: "drain" has to be a duration such as "5m" or "30s", found "5"',
    ],
  ])('%o', async (change, sentence) => {
    const world = await makeWorld();
    await cli(...startArgs(world, change));
    expect(await failureOf(world)).toBe(sentence);
  });

  it('without any input', async () => {
    const world = await makeWorld();
    await cli(...startArgs(world).slice(0, -2));
    expect(await failureOf(world)).toBe(
      'invalid-input: expected a JSON object such as {"runbook":"communication","target":"local","requestedBy":"kim"}, found nothing',
    );
  });

  it('under another workflow id, naming the right one', async () => {
    const world = await makeWorld();
    const id = `my-run-${world.target}`;
    await cli(...startArgs(world, { id }));
    expect(await failureOf(world, id)).toBe(
      `wrong-workflow-id: this run has the workflow id "${id}"; runs of small on ${world.target} have "${world.workflowId}", so that no two of them can be at work at once; next: start it again with --workflow-id ${world.workflowId} --fail-existing`,
    );
  });

  it('on a target or a runbook that does not exist, saying what there is', async () => {
    const world = await makeWorld();
    const input = JSON.stringify({ runbook: 'smal', target: world.target });
    await cli(...startArgs(world, { id: `smal/${world.target}`, input }));
    expect(await failureOf(world, `smal/${world.target}`)).toBe(
      'runbook-unknown: there is no runbook "smal"; nothing was changed; next: use one of small',
    );
  });
});
