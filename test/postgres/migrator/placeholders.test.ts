/** Placeholders: filled only where values are given, refused where one is missing, and never shown with their values. */
import { describe, expect, it } from 'vitest';
import { problemOf, setup } from './world.ts';

const FILES = {
  '001_schema': [`create schema \${name};`, `drop schema \${name};`],
  '002_owned': [
    `-- \${nobody}\ncreate table \${name}.owned (note text default '\${note}');\ncreate function \${name}.f() returns text language sql as $$ select '\${name}' $$;`,
    `drop function \${name}.f(); drop table \${name}.owned;`,
  ],
} as const;

describe('placeholders', () => {
  it('are left alone where no values are given', async () => {
    const world = await setup({ migrations: FILES });
    expect(await problemOf(world.open().migrate())).toMatchObject({ code: 'migration-syntax' });
  });

  it('are filled up and down, in strings too, but neither in comments nor in bodies', async () => {
    const world = await setup({ migrations: FILES });
    const placeholders = { name: 'app', note: 'a note' };
    await world.open({ placeholders }).migrate();
    await world.database.query('insert into app.owned default values');
    expect(await world.database.query('select note, app.f() as body from app.owned')).toEqual([
      { note: 'a note', body: `\${name}` },
    ]);
    await world.open({ placeholders }).rollbackSeveral(2);
    expect(await world.database.query(`select to_regnamespace('app') as made`)).toEqual([{ made: null }]);
  });

  it('do not change checksums: other values are no edit', async () => {
    const world = await setup({ migrations: FILES });
    await world.open({ placeholders: { name: 'app', note: 'one' } }).migrate();
    expect(await world.open({ placeholders: { name: 'app', note: 'two' } }).migrate()).toEqual([]);
  });

  it('without a value are refused, every one with its place, before anything is connected to', async () => {
    const world = await setup({ migrations: FILES });
    const migrator = world.open({ placeholders: { name: 'app' }, url: 'postgres://127.0.0.1:1/none' });
    expect(await problemOf(migrator.migrate())).toEqual({
      code: 'placeholder-missing',
      message: '1 placeholder has no value',
      found: `migrations/app/002_owned.up.sql:2 \${note}`,
      expected: 'a value for each; there are values for name',
      next: 'add --set note=VALUE',
      retry: 'stop',
    });
  });

  it('are shown as they are written where something fails, with the right place', async () => {
    const world = await setup({
      migrations: {
        '001_schema': [`create schema \${name};`, `drop schema \${name};`],
        '002_bad': [`select 1;\nselect \${name}.x, \${missing} from nowhere;`, 'select 1;'],
      },
    });
    const placeholders = { name: 'app', missing: 'some_value_of_ours' };
    const { found } = await problemOf(world.open({ placeholders }).migrate());
    expect(found).toBe(
      `migrations/app/002_bad.up.sql:2:35\n  2 | select \${name}.x, \${missing} from nowhere;\n                                        ^`,
    );
  });
});
