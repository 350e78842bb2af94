/**
 * Histories of earlier versions still replay on the workflow code of today, and a history that does not fit is noticed.
 * To record new ones after a change that is meant: `DRYDOCK_RECORD_HISTORIES=<version> pnpm vitest run test/replay`.
 */
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { workflowBundle } from '../../src/worker/bundle.ts';
import { ROOT } from '../support/processes.ts';
import { type Handle, makeWorld, type World } from '../support/world.ts';

const FOLDER = join(ROOT, 'test/replay/histories');
const RECORD = process.env.DRYDOCK_RECORD_HISTORIES;

interface History {
  readonly events: readonly { readonly workflowExecutionStartedEventAttributes?: { readonly workflowId?: string } }[];
}

async function replay(history: History): Promise<void> {
  const options = { workflowBundle: await workflowBundle(), replayName: 'replay' };
  const id = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  await Worker.runReplayHistory(options, history, id);
}

async function historyOf({ workflow }: Handle): Promise<History> {
  return JSON.parse(historyToJSON(await workflow.fetchHistory())) as History;
}

/** Nothing of the machine that recorded it stays in it. */
async function record(name: string, world: World, history: History): Promise<void> {
  const text = JSON.stringify(history, null, 1)
    .replaceAll(world.root, '/checkout')
    .replaceAll(ROOT, '/drydock/')
    .replaceAll(hostname(), 'worker');
  await writeFile(join(FOLDER, `${RECORD}-${name}.json`), `${text}\n`);
}

const SLOW = { 'migrations/small/003_notes.up.sql': 'SELECT pg_sleep(20);\n' };
const BROKEN = { 'migrations/small/003_notes.up.sql': 'SELECT 1 / 0;\n' };
const SCENARIOS: Readonly<Record<string, () => Promise<{ world: World; run: Handle }>>> = {
  done: async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.approve();
    return { world, run };
  },
  'rolled-back': async () => {
    const world = await makeWorld({ files: BROKEN });
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    await run.signal('approve', { by: 'kim' });
    await run.send('pause', { by: 'kim' });
    await run.send('resume', { by: 'kim' });
    await run.approve();
    return { world, run };
  },
  aborted: async () => {
    const world = await makeWorld({ files: SLOW });
    const run = await world.start();
    await run.approve();
    await run.until('the slow migration', (state) =>
      state.items.some(({ id, status }) => id === 'apply-003' && status === 'running'),
    );
    await run.send('abort', { by: 'kim', reason: 'too slow' });
    return { world, run };
  },
  cancelled: async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    await run.workflow.cancel();
    return { world, run };
  },
  rejected: async () => {
    const world = await makeWorld();
    const run = await world.start();
    await run.until('the question', (state) => state.waiting?.kind === 'approval');
    await run.signal('reject', { by: 'kim', reason: 'not tonight' });
    return { world, run };
  },
};

describe('a run of today', () => {
  it.each(Object.keys(SCENARIOS))('that ended as %s replays as it was', async (name) => {
    const { world, run } = await SCENARIOS[name]!();
    // An abort in the middle of a step ends as rolled back.
    expect((await run.ended()).outcome).toBe(name === 'aborted' ? 'rolled-back' : name);
    const history = await historyOf(run);
    await replay(history);
    if (RECORD) await record(name, world, history);
  });
});

describe('a recorded history', () => {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

  it('is there for every outcome that ends differently', () => {
    expect(names.length).toBeGreaterThanOrEqual(5);
  });

  it.each(names)('%s replays on the code of today', async (name) => {
    await replay(JSON.parse(await readFile(join(FOLDER, name), 'utf8')) as History);
  });

  it('that lacks a step is noticed', async () => {
    const name = names.find((one) => one.endsWith('-done.json'))!;
    const text = await readFile(join(FOLDER, name), 'utf8');
    const tampered = text.replace('"name": "storeFingerprint"', '"name": "applyMigration"');
    expect(tampered).not.toBe(text);
    const error = await replay(JSON.parse(tampered) as History).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'DeterminismViolationError' });
  });
});
