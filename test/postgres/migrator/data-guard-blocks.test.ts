/** The data guard over blocks of a mirror that asks for no transaction: they drop rows as any other statement does. */
import { describe, expect, it } from 'vitest';
import { kinds, setup } from './world.ts';

const UP = 'create table app.t (id int primary key); insert into app.t values (1), (2);';

async function migrated(down: string) {
  const world = await setup({
    migrations: {
      '001_schema': ['create schema app;', 'drop schema app;'],
      '002_t': [UP, `-- drydock:no-transaction\n${down}`],
    },
  });
  await world.open().migrate();
  return world;
}

describe('a block of a mirror that asks for no transaction', () => {
  it('has the rows saved that it drops', async () => {
    const world = await migrated("do $$ begin execute format('drop table %I.t', 'app'); end $$;");
    expect(await world.open().rollback()).toMatchObject({ outcome: 'reverted', saved: [expect.any(String)] });
    expect(world.events.find(({ kind }) => kind === 'rows-saved')).toMatchObject({
      tables: [{ table: 'app.t', rows: 2 }],
    });
    expect(await world.ledger()).toEqual(['001 1/1']);
  });

  it('that commits by itself runs all the same', async () => {
    const world = await migrated("do $$ begin delete from app.t; commit; execute 'drop table app.t'; end $$;");
    expect(await world.open().rollback()).toMatchObject({ outcome: 'reverted' });
    expect(kinds(world.events)).toContain('migration-reverted');
    expect(await world.database.query(`select to_regclass('app.t') as t`)).toEqual([{ t: null }]);
    expect(await world.ledger()).toEqual(['001 1/1']);
  });
});
