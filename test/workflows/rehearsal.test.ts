/** Runs that want a rehearsal: it is required before the approval, and a step that does more than was rehearsed stops and asks. */
import { defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { keepOnTarget } from '../../src/migrator/rehearsal/keep-rehearsal.ts';
import type { Rehearsal } from '../../src/model/rehearsal.ts';
import type { RunState } from '../../src/model/state.ts';
import { rehearseSmall } from '../support/rehearse-small.ts';
import { type Handle, makeWorld, SMALL_RUNBOOK, type World } from '../support/world.ts';

const ITEM =
  '  - { id: rehearsed, title: The migrations were rehearsed, check: rehearsal, maxAge: 1h, waivable: true }\n';
/** Time only counts where it is what the test is about: a busy machine makes any step slow. */
const runbook = (durationFloor: string) =>
  `${SMALL_RUNBOOK.replace('window:', `${ITEM}window:`)}rehearsal: { deviations: { durationFactor: 2, durationFloor: ${durationFloor} } }\n`;

/** A table that others use, with rows: a throw-away database has the table and not the rows. */
const BUSY = 'create table public.busy (id int); insert into public.busy values (1);';
const onRows = (sql: string) =>
  `CREATE TABLE app.notes (id bigint);\nDO $$ BEGIN IF EXISTS (SELECT FROM public.busy) THEN ${sql} END IF; END $$;\n`;
const LOCKS_MORE = {
  'migrations/small/003_notes.up.sql': onRows('ALTER TABLE public.busy ADD COLUMN IF NOT EXISTS more int;'),
};
const TAKES_LONGER = { 'migrations/small/003_notes.up.sql': onRows('PERFORM pg_sleep(8);') };

async function setup(files: Readonly<Record<string, string>> = {}, durationFloor = '1h'): Promise<World> {
  const world = await makeWorld({ files: { 'runbooks/small.yaml': runbook(durationFloor), ...files } });
  await world.database.query(BUSY);
  return world;
}

/** As the command does it: on the same server, stored on the target. */
async function rehearsed(world: World): Promise<Rehearsal> {
  const result = await rehearseSmall(world);
  expect(result.verdict).toBe('mirrors');
  expect(await keepOnTarget(world.database.url, result)).toBeNull();
  return result;
}

/** What the pending activities said last, as `describe` shows it. */
async function heartbeats({ workflow }: Handle): Promise<string[]> {
  const { raw } = await workflow.describe();
  return (raw.pendingActivities ?? []).flatMap(({ heartbeatDetails }) =>
    (heartbeatDetails?.payloads ?? []).map((payload) => String(defaultPayloadConverter.fromPayload(payload))),
  );
}

const asking = (id: string) => (state: RunState) => state.waiting?.kind === 'decision' && state.waiting.item.id === id;
const itemOf = (state: RunState, id: string) => state.items.find((item) => item.id === id);

async function applied({ database }: World): Promise<string[]> {
  const rows = await database.query<{ version: string }>('select version from app.schema_migrations order by version');
  return rows.map(({ version }) => version);
}

describe('a checklist that wants a rehearsal', () => {
  it('fails with the command to run, and passes once exactly these files were rehearsed', async () => {
    const world = await setup();
    const run = await world.start();
    const asked = await run.until('the decision', asking('rehearsed'));
    expect(itemOf(asked, 'rehearsed')?.problem).toEqual({
      code: 'rehearsal-missing',
      message: '3 pending migrations of this plan were not rehearsed',
      found: 'no rehearsal of exactly these files on exactly this ledger',
      expected: 'one whose every rollback mirrors',
      next: `pnpm tsx src/cli/small-migrate.ts rehearse --target ${world.target}`,
      retry: 'stop',
    });
    const { takenAt } = await rehearsed(world);
    await run.send('decide', { by: 'kim', item: 'rehearsed', action: 'retry' });
    await run.approve();
    const ended = await run.ended();
    expect(ended.outcome).toBe('done');
    expect(itemOf(ended, 'rehearsed')?.summary).toMatch(/^3 migrations rehearsed .* ago, and every rollback mirrors$/);
    // Each step is held against it, although the ledger changes with every one of them.
    expect(['001', '002', '003'].map((version) => itemOf(ended, `apply-${version}`)?.evidence)).toEqual(
      Array(3).fill([{ name: `compared with the rehearsal of ${takenAt}`, value: 'as rehearsed' }]),
    );
  });

  it('is not content with a rehearsal whose rollback does not mirror', async () => {
    const world = await setup({ 'migrations/small/003_notes.down.sql': 'SELECT 1;\n' });
    const result = await rehearseSmall(world);
    await keepOnTarget(world.database.url, result);
    const run = await world.start();
    const asked = await run.until('the decision', asking('rehearsed'));
    expect(itemOf(asked, 'rehearsed')?.problem).toMatchObject({
      code: 'rehearsal-not-good',
      found: expect.stringContaining('003_notes: does not mirror'),
    });
    await run.send('abort', { by: 'kim', reason: 'the files have to be mended' });
    expect((await run.ended()).outcome).toBe('aborted');
  });
});

describe('a step that locks more than it did in its rehearsal', () => {
  it('is taken back before it commits, and goes on once a named person accepts it with a reason', async () => {
    const world = await setup(LOCKS_MORE);
    const { takenAt } = await rehearsed(world);
    const run = await world.start();
    await run.approve();
    const asked = await run.until('the decision', asking('apply-003'));
    expect(itemOf(asked, 'apply-003')).toMatchObject({
      status: 'failed',
      problem: {
        code: 'rehearsal-deviation',
        message: '003_notes does more than its rehearsal did, and that was taken back before it was committed',
        found: 'public.busy: ACCESS EXCLUSIVE (blocks reads and writes), rehearsed ACCESS SHARE',
        expected: `what the rehearsal of ${takenAt} showed`,
        next: 'decide about this step: waive it with a reason to let it do so, retry it, or abort the run',
      },
    });
    expect(await applied(world)).toEqual(['001', '002']);
    expect(await world.database.query('select * from public.busy')).toEqual([{ id: 1 }]);
    await expect(run.send('decide', { by: 'kim', item: 'apply-003', action: 'waive' })).rejects.toThrow();
    // Tried again, it does the same again.
    expect(await run.send('decide', { by: 'kim', item: 'apply-003', action: 'retry' })).toBe(
      'retry of apply-003 by kim; next: it is tried again',
    );
    await run.until(
      'the second question',
      (state) => asking('apply-003')(state) && itemOf(state, 'apply-003')?.attempts === 2,
    );
    expect(
      await run.send('decide', { by: 'kim', item: 'apply-003', action: 'waive', reason: 'nobody reads it now' }),
    ).toBe('waive of apply-003 by kim; next: the run goes on, and the report names you');
    const ended = await run.ended();
    expect(ended.outcome).toBe('done');
    expect(itemOf(ended, 'apply-003')).toMatchObject({
      status: 'passed',
      attempts: 3,
      waiver: { by: 'kim', reason: 'nobody reads it now' },
      evidence: [
        {
          name: `compared with the rehearsal of ${takenAt}`,
          value: 'accepted: public.busy: ACCESS EXCLUSIVE (blocks reads and writes), rehearsed ACCESS SHARE',
        },
      ],
    });
  });

  it('is undone with all before it where the answer is abort', async () => {
    const world = await setup(LOCKS_MORE);
    await rehearsed(world);
    const run = await world.start();
    await run.approve();
    await run.until('the decision', asking('apply-003'));
    await run.send('abort', { by: 'kim', reason: 'not tonight' });
    const ended = await run.ended();
    expect(ended).toMatchObject({ outcome: 'rolled-back', fingerprints: { differences: [] } });
    expect(await world.database.query(`select to_regnamespace('app') as left`)).toEqual([{ left: null }]);
  });

  it('is undone too where nobody answers', async () => {
    const world = await setup(LOCKS_MORE);
    await rehearsed(world);
    const run = await world.start('run', { approvalTimeout: '5s' });
    await run.approve();
    const ended = await run.ended();
    expect(ended.outcome).toBe('rolled-back');
    expect(ended.sentence).toContain('nobody gave a decision in time');
  });
});

describe('a step that takes much longer than its rehearsal', () => {
  it('is done, and the run asks before the next one', async () => {
    const world = await setup(TAKES_LONGER, '5s');
    await rehearsed(world);
    const run = await world.start();
    await run.approve();
    // Whoever looks at Temporal meanwhile reads it there; the statement runs on for three seconds after it is said.
    const said = async () => (await heartbeats(run)).join('\n');
    await expect
      .poll(said, { timeout: 60_000, interval: 100 })
      .toMatch(/^takes longer than 5 s; it was rehearsed in [\d.]+ m?s$/);
    const asked = await run.until('the decision', asking('apply-003'));
    expect(asked.waiting).toMatchObject({ kind: 'decision', waivable: true, retry: 'not-possible' });
    expect(itemOf(asked, 'apply-003')).toMatchObject({
      status: 'passed',
      evidence: [
        { value: 'as rehearsed' },
        {
          name: '003_notes is done, and took much longer than its rehearsal',
          value: expect.stringMatching(/^\d+(\.\d)? s, rehearsed [\d.]+ m?s$/),
        },
      ],
    });
    expect(await applied(world)).toEqual(['001', '002', '003']);
    await expect(run.send('decide', { by: 'kim', item: 'apply-003', action: 'retry' })).rejects.toThrow();
    await run.send('decide', { by: 'kim', item: 'apply-003', action: 'waive', reason: 'the rest is short' });
    expect((await run.ended()).outcome).toBe('done');
  });
});
