/** The user's runbook as it is, carried out on a real database: well, and undone where the database has no users. */
import { describe, expect, it } from 'vitest';
import { makeProductWorld, titles, waiveArchivingAndApprove } from './product-run.ts';

const makeCommunicationWorld = (sample: 'with-rows' | 'empty') =>
  makeProductWorld({ runbook: 'communication', sample });

describe('the communication runbook', () => {
  it('is carried out whole: checklist, window, nine migrations, seeds, validations', async () => {
    const world = await makeCommunicationWorld('with-rows');
    const run = await world.start();
    await waiveArchivingAndApprove(run);
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'done', sentence: '9 migrations done, 5 validations passed' });
    expect(titles(state, 'checklist')).toEqual([
      'passed primary',
      'passed environment',
      'passed dump-archives',
      'waived wal-archiving',
      'passed replica-lag',
      'passed dry-run',
      'passed quiet',
    ]);
    expect(titles(state, 'validation')).toEqual([
      'passed structural',
      'passed indexes',
      'passed foreign-keys',
      'passed smoke-place',
      'passed smoke',
    ]);
    const [counts] = await world.database.query(
      'select (select count(*)::int from communication.schema_migrations) as ledger, (select count(*)::int from communication.channels) as channels, (select count(*)::int from communication.messages) as messages',
    );
    expect(counts).toEqual({ ledger: 9, channels: 4, messages: 0 });
  });

  it('undoes everything, seeds included, where the smoke validation finds no user to write to', async () => {
    const world = await makeCommunicationWorld('empty');
    const run = await world.start();
    await waiveArchivingAndApprove(run);
    const state = await run.ended();
    expect(state.outcome).toBe('rolled-back');
    expect(state.problem).toMatchObject({ code: 'validation-failed' });
    expect(state.fingerprints.before).toBe(state.fingerprints.after);
    expect(titles(state, 'undo')).toEqual([
      'passed fence',
      'passed undo-seed-policies',
      'passed undo-seed-templates',
      'passed undo-seed-channels',
      ...['009', '008', '007', '006', '005', '004', '003', '002', '001'].map(
        (version) => `passed undo-apply-${version}`,
      ),
      'passed verify',
    ]);
    const schemas = await world.database.query(`select nspname from pg_namespace where nspname = 'communication'`);
    expect(schemas).toEqual([]);
  });

  it('names who is at work before the approval, waits for them in the window, and gives up when they stay', async () => {
    const world = await makeCommunicationWorld('with-rows');
    const writer = await world.database.connect({ application_name: 'checkout' });
    await writer.query(`begin; update core.users set id = id`);
    const run = await world.start('run', { drainTimeout: '1s' });
    await waiveArchivingAndApprove(run);
    const state = await run.ended();
    await writer.query('rollback');
    expect(state.outcome).toBe('failed');
    expect(state.problem).toMatchObject({ code: 'not-quiet', found: expect.stringContaining('checkout') });
    expect(state.items.find((item) => item.id === 'quiet')).toMatchObject({
      status: 'passed',
      summary: '1 session at work: the drain has to wait for them',
    });
  });
});
