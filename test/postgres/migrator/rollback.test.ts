/** Going back by the mirrors, and one named migration up or down, as a run asks for it. */
import { describe, expect, it } from 'vitest';
import { problemOf, setup } from './world.ts';

const NONE = '0'.repeat(64);

describe('rolling back', () => {
  it('goes one step at a time, to nothing at all, and then has nothing to do', async () => {
    const { open, database, ledger } = await setup();
    const migrator = open();
    const empty = await migrator.fingerprint();
    await migrator.migrate();
    for (const left of [['001 1/1', '002 1/1'], ['001 1/1'], []]) {
      expect((await migrator.rollback()).outcome).toBe('reverted');
      expect(await ledger()).toEqual(left);
    }
    expect(await migrator.rollback()).toEqual({ outcome: 'nothing' });
    expect(await database.query(`select to_regnamespace('app') as app`)).toEqual([{ app: null }]);
    expect((await migrator.fingerprint()).digest).toBe(empty.digest);
  });

  it('a mirror that fails leaves everything as it was', async () => {
    const { open, ledger, write } = await setup();
    await write('003_children.down.sql', 'drop table app.children;\ndrop table app.nothing;');
    const migrator = open();
    await migrator.migrate();
    const before = await migrator.fingerprint();
    expect(await problemOf(migrator.rollback())).toEqual({
      code: 'migration-failed',
      message: 'rolling back 003_children failed: table "nothing" does not exist',
      found: 'migrations/app/003_children.down.sql:2:1\n  2 | drop table app.nothing;\n      ^',
      next: 'correct the cause, then run the same command again; nothing of this transaction was kept',
      retry: 'stop',
      sqlstate: '42P01',
    });
    expect((await migrator.fingerprint()).digest).toBe(before.digest);
    expect(await ledger()).toHaveLength(3);
  });

  it('by an edited mirror is refused', async () => {
    const { open, write } = await setup();
    const migrator = open();
    await migrator.migrate();
    await write('003_children.down.sql', 'drop table app.children cascade;');
    expect(await problemOf(migrator.rollback())).toMatchObject({ code: 'migration-edited' });
    expect(await problemOf(migrator.reset())).toMatchObject({ code: 'migration-edited' });
  });

  it('reset goes down and up again, to the same schema', async () => {
    const { open, ledger } = await setup();
    const migrator = open();
    await migrator.migrate();
    const before = await migrator.fingerprint();
    const { reverted, applied } = await migrator.reset();
    expect(reverted).toMatchObject([{ version: '003' }, { version: '002' }, { version: '001' }]);
    expect(applied).toMatchObject([{ version: '001' }, { version: '002' }, { version: '003' }]);
    expect((await migrator.fingerprint()).digest).toBe(before.digest);
    expect(await ledger()).toHaveLength(3);
  });

  it('a reset that fails half-way goes on from there', async () => {
    const { open, database, ledger } = await setup();
    const migrator = open();
    await migrator.migrate();
    await database.query('create table app.in_the_way (id int references app.parents (id))');
    expect(await problemOf(migrator.reset())).toMatchObject({
      message: 'rolling back 002_parents failed: cannot drop table app.parents because other objects depend on it',
      found: expect.stringContaining(
        'detail: constraint in_the_way_id_fkey on table app.in_the_way depends on table app.parents',
      ),
    });
    expect(await ledger()).toEqual(['001 1/1', '002 1/1']);
    await database.query('drop table app.in_the_way');
    expect(await migrator.reset()).toMatchObject({ reverted: [{}, {}], applied: [{}, {}, {}] });
  });

  it('reset of an empty database only applies', async () => {
    const { open } = await setup();
    expect(await open().reset()).toMatchObject({ reverted: [], applied: [{}, {}, {}] });
  });
});

describe('one migration at a time, as a run does it', () => {
  it('applying is idempotent and checks the file', async () => {
    const { open } = await setup();
    const migrator = open();
    const [first, second] = (await migrator.plan()).migrations.map(({ file }) => file!);
    const request = { version: '001', upChecksum: first!.up.checksum };
    expect(await migrator.applyOne(request)).toMatchObject({ outcome: 'applied' });
    expect(await migrator.applyOne(request)).toMatchObject({ outcome: 'already-applied' });
    expect(await problemOf(migrator.applyOne({ version: '002', upChecksum: NONE }))).toEqual({
      code: 'migration-checksum-mismatch',
      message: 'migrations/app/002_parents.up.sql is not the file that was planned',
      found: `checksum ${second!.up.checksum}`,
      expected: `checksum ${NONE}, as planned and approved`,
      next: 'give every worker the checkout that the plan was made with, or plan again',
      retry: 'stop',
    });
    expect(await problemOf(migrator.applyOne({ version: '009', upChecksum: NONE }))).toMatchObject({
      code: 'migration-unknown',
    });
  });

  it('applying keeps the order', async () => {
    const { open } = await setup();
    const migrator = open();
    const third = (await migrator.plan()).migrations[2]!.file!;
    expect(await problemOf(migrator.applyOne({ version: '003', upChecksum: third.up.checksum }))).toMatchObject({
      code: 'migration-out-of-order',
      message: '003_children cannot be applied before 001_schema',
    });
  });

  it('undoing is idempotent, and only the last can be undone', async () => {
    const { open } = await setup();
    const migrator = open();
    await migrator.migrate();
    const files = (await migrator.plan()).migrations.map(({ file }) => file!);
    const undo = (index: number) =>
      migrator.undo({ version: files[index]!.version, downChecksum: files[index]!.down!.checksum });
    expect(await problemOf(undo(1))).toMatchObject({ code: 'migration-not-last' });
    expect(await undo(2)).toMatchObject({ outcome: 'reverted', version: '003' });
    expect(await undo(2)).toEqual({ outcome: 'nothing' });
  });
});
