/** Up and down to one migration, and several steps back. */
import { describe, expect, it } from 'vitest';
import { kinds, problemOf, SIMPLE, setup } from './world.ts';

const MORE = {
  ...SIMPLE,
  '004_notes': ['create table app.notes (id int primary key);', 'drop table app.notes;'],
  '005_index': ['create index concurrently notes_id on app.notes (id);', 'drop index app.notes_id;'],
} as const;

describe('to', () => {
  it('goes up to exactly one, and down to exactly one, and says which ones that is', async () => {
    const world = await setup({ migrations: MORE });
    const up = await world.open().moveTo('3');
    expect(up.applied.map((one) => one.version)).toEqual(['001', '002', '003']);
    expect(up.reverted).toEqual([]);
    expect(world.events[0]).toMatchObject({ kind: 'migrations-pending', applied: 0, pending: { length: 3 } });
    await world.open().moveTo('005_index');
    world.events.length = 0;
    const down = await world.open().moveTo('002');
    expect(down.reverted).toMatchObject([{ version: '005' }, { version: '004' }, { version: '003' }]);
    expect(world.events[0]).toEqual({
      kind: 'rollbacks-pending',
      migrations: [
        { version: '005', name: 'index' },
        { version: '004', name: 'notes' },
        { version: '003', name: 'children' },
      ],
    });
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  });

  it('where it is already, does nothing and says so', async () => {
    const world = await setup();
    await world.open().moveTo('2');
    world.events.length = 0;
    expect(await world.open().moveTo('002')).toEqual({ reverted: [], applied: [] });
    expect(world.events).toEqual([{ kind: 'already-applied', migration: { version: '002', name: 'parents' } }]);
  });

  it('saves the rows that going down would lose', async () => {
    const world = await setup();
    await world.open().migrate();
    await world.database.query(`insert into app.parents values (1, 'one')`);
    const { reverted } = await world.open().moveTo('1');
    expect(reverted[1]).toMatchObject({ version: '002', saved: { length: 1 } });
    await world.open().migrate();
    await world.database.query(`insert into app.parents values (1, 'one')`);
    expect((await world.open({ dataLoss: 'drop-rows-unsaved' }).moveTo('1')).reverted[1]).toMatchObject({ saved: [] });
  });

  it('refuses a version that is not there, and names the nearest', async () => {
    const world = await setup();
    expect(await problemOf(world.open().moveTo('7'))).toEqual({
      code: 'migration-unknown',
      message: 'there is no migration 7',
      found: '3 on disk, 001_schema to 003_children',
      expected: 'the number of one of them; the nearest is 003_children',
      next: 'look at `status`',
      retry: 'stop',
    });
    expect(await world.ledger()).toEqual([]);
  });

  it('looks at every mirror before the first one runs', async () => {
    const world = await setup();
    await world.open().migrate();
    await world.write('002_parents.down.sql', 'drop table app.parents; -- edited');
    expect(await problemOf(world.open().moveTo('1'))).toMatchObject({ code: 'migration-edited' });
    expect(await world.ledger()).toHaveLength(3);
  });

  it('cut off on its way down, goes on from where it is', async () => {
    const world = await setup();
    await world.open().migrate();
    await world.database.query('create view app.seen as select * from app.parents');
    expect(await problemOf(world.open().moveTo('1'))).toMatchObject({ code: 'migration-failed' });
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
    await world.database.query('drop view app.seen');
    await world.open().moveTo('1');
    expect(await world.ledger()).toEqual(['001 1/1']);
  });
});

describe('migrate up to one', () => {
  it('leaves the later ones pending', async () => {
    const world = await setup();
    expect((await world.open().migrate({ to: '002' })).map((one) => one.version)).toEqual(['001', '002']);
    await world.open().migrate({ to: '1' });
    expect(kinds(world.events).at(-1)).toBe('already-applied');
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  });
});

describe('several steps back', () => {
  it('are as many as were asked for', async () => {
    const world = await setup();
    await world.open().migrate();
    expect(await world.open().rollbackSeveral(2)).toMatchObject([{ version: '003' }, { version: '002' }]);
    expect(await world.ledger()).toEqual(['001 1/1']);
  });

  it('are refused where there are not so many', async () => {
    const world = await setup();
    await world.open().migrate({ to: '1' });
    expect(await problemOf(world.open().rollbackSeveral(2))).toEqual({
      code: 'too-few-applied',
      message: '2 migrations cannot be rolled back',
      found: '1 in the ledger',
      expected: 'no more steps than there are',
      next: '`rollback --count 1` for all of them',
      retry: 'stop',
    });
    expect(await world.ledger()).toHaveLength(1);
  });
});
