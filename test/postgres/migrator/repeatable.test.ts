import { describe, expect, it } from 'vitest';
import { type Migrations, problemOf, setup, type World } from './world.ts';

const TABLE: Migrations = {
  '001_schema': ['create schema app;', 'drop schema app cascade;'],
  '002_people': ['create table app.people (id int, name text);', 'drop table app.people cascade;'],
};

async function views(migrations: Migrations = TABLE) {
  const world = await setup({ migrations });
  await world.write('R__names.sql', 'create or replace view app.names as select name from app.people;');
  const open = () => world.open({ mirrors: 'optional', numbers: 'any' });
  return { ...world, open };
}

const applied = async (world: Pick<World, 'open'>) => (await world.open().migrate()).map(({ version }) => version);
const shown = async (world: Pick<World, 'open'>) =>
  (await world.open().status()).migrations.map(({ version, state }) => `${version} ${state}`);

describe('a repeatable migration', () => {
  it('is run after all numbered ones, and not again while it is as it was', async () => {
    const world = await views();
    expect(await shown(world)).toEqual(['001 pending', '002 pending', 'R__names pending']);
    expect(await applied(world)).toEqual(['001', '002', 'R__names']);
    expect(await shown(world)).toEqual(['001 applied', '002 applied', 'R__names applied']);
    expect(await applied(world)).toEqual([]);
  });

  it('is run again when it has changed, and keeps one row', async () => {
    const world = await views();
    await applied(world);
    await world.write('R__names.sql', 'create or replace view app.names as select name, id from app.people;');
    expect((await world.open().plan()).problems).toEqual([]);
    expect(await shown(world)).toEqual(['001 applied', '002 applied', 'R__names pending']);
    expect((await world.open().dryRun()).pending.map(({ path }) => path)).toEqual(['migrations/app/R__names.sql']);
    expect(await applied(world)).toEqual(['R__names']);
    expect(await world.database.query('select id, name from app.names')).toEqual([]);
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1', 'R__names 1/1']);
    expect(await shown(world)).toEqual(['001 applied', '002 applied', 'R__names applied']);
  });

  it('is run in the order of names, also where nothing numbered is pending', async () => {
    const world = await views();
    await applied(world);
    await world.write('R__b.sql', 'create or replace view app.b as select * from app.a;');
    await world.write('R__a.sql', 'create or replace view app.a as select name from app.names;');
    expect(await applied(world)).toEqual(['R__a', 'R__b']);
  });

  it('that fails leaves nothing, and the numbered ones stay', async () => {
    const world = await views();
    await world.write('R__names.sql', 'create view app.half as select 1 as one;\nselect nothing;');
    expect(await problemOf(world.open().migrate())).toMatchObject({
      code: 'migration-failed',
      message: 'applying R__names failed: column "nothing" does not exist',
      found: 'migrations/app/R__names.sql:2:8\n  2 | select nothing;\n             ^',
    });
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
    expect(await world.database.query(`select to_regclass('app.half') as half`)).toEqual([{ half: null }]);
  });

  it('that has changed is not taken for done when one before it fails, alone or in one transaction', async () => {
    const world = await views();
    await applied(world);
    await world.write('R__names.sql', 'create or replace view app.names as select name, id from app.people;');
    await world.write('003_bad.up.sql', 'select nothing;');
    for (const transactions of ['each', 'one'] as const) {
      world.events.length = 0;
      expect(await problemOf(world.open().migrate({ transactions }))).toMatchObject({
        message: 'applying 003_bad failed: column "nothing" does not exist',
        found: 'migrations/app/003_bad.up.sql:1:8\n  1 | select nothing;\n             ^',
      });
      expect(world.events.filter(({ kind }) => kind === 'migration-applied')).toEqual([]);
      expect((await shown(world)).slice(2)).toEqual(['003 pending', 'R__names pending']);
    }
    await world.write('003_bad.up.sql', 'select 1;');
    await world.open().migrate({ transactions: 'one' });
    expect((await shown(world)).slice(2)).toEqual(['003 applied', 'R__names applied']);
  });

  it('is left for later where only numbered ones up to a version are asked for', async () => {
    const world = await views();
    expect((await world.open().migrate({ to: '2' })).map(({ version }) => version)).toEqual(['001', '002']);
    expect((await shown(world)).at(-1)).toBe('R__names pending');
  });

  it('is never rolled back; a reset runs it again', async () => {
    const world = await views();
    await applied(world);
    expect(await world.open().rollback()).toMatchObject({ version: '002', outcome: 'reverted' });
    expect(await world.ledger()).toEqual(['001 1/1', 'R__names 1/1']);
    const { applied: again } = await world.open().reset();
    expect(again.map(({ version }) => version)).toEqual(['001', '002', 'R__names']);
    expect(await world.database.query('select * from app.names')).toEqual([]);
  });

  it('does not make numbered ones late: they may still come', async () => {
    const world = await views();
    await applied(world);
    await world.write('003_more.up.sql', 'create table app.more ();');
    expect(await applied(world)).toEqual(['003']);
  });

  it('whose file is gone stands in nobody’s way', async () => {
    const world = await views();
    await applied(world);
    await world.remove('R__names.sql');
    expect(await applied(world)).toEqual([]);
    expect(await shown(world)).toEqual(['001 applied', '002 applied']);
  });

  it('is applied once by two migrators at once', async () => {
    const world = await views();
    await world.write('R__count.sql', 'create table if not exists app.runs (at int); insert into app.runs values (1);');
    const both = await Promise.all([world.open().migrate(), world.open().migrate()]);
    expect(both.map((outcomes) => outcomes.length).sort()).toEqual([0, 4]);
    expect(await world.database.query('select * from app.runs')).toEqual([{ at: 1 }]);
  });

  it('is refused by a runbook, which takes none yet', async () => {
    const strict = await setup({ migrations: TABLE });
    await strict.write('R__names.sql', 'select 1;');
    expect(await problemOf(strict.open().plan())).toMatchObject({
      code: 'migration-files-invalid',
      found: 'R__names.sql is repeatable, and a runbook takes no such migration yet',
    });
  });
});
