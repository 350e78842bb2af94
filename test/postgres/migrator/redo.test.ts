/** The last migration down and up again, while it is being written. */
import { describe, expect, it } from 'vitest';
import { kinds, problemOf, setup } from './world.ts';

describe('redo', () => {
  it('takes the up file as it is now', async () => {
    const world = await setup();
    await world.open().migrate();
    await world.write('003_children.up.sql', 'create table app.children (id int primary key, added text);');
    const { reverted, applied } = await world.open().redo();
    expect(reverted).toMatchObject([{ outcome: 'reverted', version: '003' }]);
    expect(applied).toMatchObject([{ outcome: 'applied', version: '003' }]);
    expect(
      await world.database.query(`select 1 as one from information_schema.columns where column_name = 'added'`),
    ).toEqual([{ one: 1 }]);
    expect(await world.open().migrate()).toEqual([]);
  });

  it('of the only one takes the ledger down and makes it again', async () => {
    const world = await setup();
    await world.open().migrate({ to: '1' });
    expect((await world.open().redo()).applied).toMatchObject([{ version: '001' }]);
    expect(await world.ledger()).toEqual(['001 1/1']);
  });

  it('is refused before it goes down where it could not come up again', async () => {
    const world = await setup();
    await world.open().migrate();
    await world.write('003_children.up.sql', 'create tabel;');
    expect(await problemOf(world.open().redo())).toMatchObject({ code: 'migration-syntax' });
    expect(await world.ledger()).toHaveLength(3);
  });

  it('has nothing to do where nothing is applied', async () => {
    const world = await setup();
    expect(await world.open().redo()).toEqual({ reverted: [{ outcome: 'nothing' }], applied: [] });
    expect(kinds(world.events)).toEqual(['nothing-to-do']);
  });
});
