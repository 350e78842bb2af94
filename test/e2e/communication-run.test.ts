/** The user's runbook as it is, carried out on a real database: well, and undone where the database has no users. */
import { describe, expect, it } from 'vitest';
import { expectUndone, makeProductWorld, runToTheEnd, titles, waiveArchivingAndApprove } from './product-run.ts';

const makeCommunicationWorld = () => makeProductWorld({ runbook: 'communication', sample: 'with-rows' });

describe('the communication runbook', () => {
  it('is carried out whole: checklist, window, nine migrations, seeds, validations', async () => {
    const world = await makeCommunicationWorld();
    const state = await runToTheEnd(world);
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
    await expectUndone({
      runbook: 'communication',
      migrations: ['001', '002', '003', '004', '005', '006', '007', '008', '009'],
      seeds: ['channels', 'templates', 'policies'],
    });
  });

  it('names who is at work before the approval, waits for them in the window, and gives up when they stay', async () => {
    const world = await makeCommunicationWorld();
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
