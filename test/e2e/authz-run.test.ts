/** The authz runbook as it is, carried out on a real database: well, undone, and beside the communication runbook. */
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/migrator/fingerprint.ts';
import { runCli } from '../support/processes.ts';
import type { World } from '../support/world.ts';
import { expectUndone, makeProductWorld, runToTheEnd, titles, waiveArchiving } from './product-run.ts';

async function digestOf({ database }: World, schema: string): Promise<string> {
  const client = await database.connect();
  return (await fingerprint(client, { schemas: [schema], ledgerSchema: schema })).digest;
}

describe('the authz runbook', () => {
  it('is carried out whole: checklist, window, eight migrations, seeds, validations', async () => {
    const world = await makeProductWorld({ runbook: 'authz', sample: 'with-rows' });
    const state = await runToTheEnd(world);
    expect(state).toMatchObject({ outcome: 'done', sentence: '8 migrations done, 6 validations passed' });
    expect(titles(state, 'validation')).toEqual([
      'passed structural',
      'passed indexes',
      'passed foreign-keys',
      'passed guards',
      'passed smoke-place',
      'passed smoke',
    ]);
    const [counts] = await world.database.query(
      `select (select count(*)::int from authz.schema_migrations) as ledger, (select count(*)::int from authz.roles) as roles,
              (select count(*)::int from authz.assignments) as assignments`,
    );
    expect(counts).toEqual({ ledger: 8, roles: 4, assignments: 0 });
  });

  it('undoes everything, seeds included, where the smoke validation finds nobody to give a role to', async () => {
    await expectUndone({
      runbook: 'authz',
      migrations: ['001', '002', '003', '004', '005', '006', '007', '008'],
      seeds: ['permissions', 'roles', 'role-parents', 'role-permissions'],
    });
  });
});

describe('both runbooks on one database', () => {
  it('keep out of each other: one at a time, each with its own ledger and fingerprint', async () => {
    const communication = await makeProductWorld({ runbook: 'communication', sample: 'with-rows' });
    const { database } = communication;
    const authz = await makeProductWorld({ runbook: 'authz', sample: 'with-rows', database });
    const first = await communication.start();
    await waiveArchiving(first);
    await first.until('the question of the approval', (state) => state.waiting?.kind === 'approval');

    const refused = await (await authz.start()).ended();
    expect(refused).toMatchObject({
      outcome: 'failed',
      problem: { code: 'claim-held', found: expect.stringContaining(communication.workflowId) },
    });
    const byHand = await runCli(['src/cli/authz-migrate.ts', 'migrate', '--url', database.url]);
    expect(byHand).toMatchObject({ code: 2, stderr: expect.stringContaining(communication.workflowId) });

    await first.approve();
    expect(await first.ended()).toMatchObject({ outcome: 'done' });
    const before = await digestOf(communication, 'communication');
    expect(await runToTheEnd(authz)).toMatchObject({ outcome: 'done' });
    expect(await digestOf(communication, 'communication')).toBe(before);

    const authzBefore = await digestOf(authz, 'authz');
    const reset = await runCli(['src/cli/communication-migrate.ts', 'reset', '--json', '--url', database.url]);
    expect({ code: reset.code, said: reset.code === 0 ? '' : reset.stdout }).toEqual({ code: 0, said: '' });
    expect(await digestOf(communication, 'communication')).toBe(before);
    expect(await digestOf(authz, 'authz')).toBe(authzBefore);
    const [ledgers] = await database.query(
      `select (select count(*)::int from communication.schema_migrations) as communication,
              (select count(*)::int from authz.schema_migrations) as authz`,
    );
    expect(ledgers).toEqual({ communication: 9, authz: 8 });
    for (const script of ['communication', 'authz']) {
      const { code } = await runCli([`src/cli/${script}-migrate.ts`, 'status', '--exit-code', '--url', database.url]);
      expect([script, code]).toEqual([script, 0]);
    }
  });
});
