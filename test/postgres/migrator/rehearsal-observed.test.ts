/** A migrator that observes says which locks each migration held and what it wrote anew, and changes nothing else by it. */
import { expect, test } from 'vitest';
import { type Migrations, setup } from './world.ts';

const MIGRATIONS: Migrations = {
  '001_schema': ['create schema app;', 'drop schema app;'],
  '002_parents': [
    'create table app.parents (id int primary key, code int, name text);\ncreate index parents_code on app.parents (code);',
    'drop table app.parents;',
  ],
  '003_children': [
    'create table app.children (id int primary key, parent_id int references app.parents (id));',
    'drop table app.children;',
  ],
  '004_wider': [
    'alter table app.parents alter column code type bigint;',
    'alter table app.parents alter column code type int;',
  ],
  '005_filled': ["insert into app.parents values (1, 1, 'a');", 'delete from app.parents;'],
  '006_index': [
    'create index concurrently parents_name on app.parents (name);',
    'drop index concurrently app.parents_name;',
  ],
  '007_renamed': ['alter table app.parents rename to elders;', 'alter table app.elders rename to parents;'],
  '008_resets': ['reset all;\nalter table app.elders add column age int;', 'alter table app.elders drop column age;'],
};

test('locks on tables that were there, and what was rewritten, are told of each migration in both directions', async () => {
  const world = await setup({ migrations: MIGRATIONS });
  const migrator = world.open({ observe: 'yes', dataLoss: 'drop-rows-unsaved' });
  const applied = await migrator.migrate();
  expect(applied.map(({ version, observed }) => ({ version, observed }))).toEqual([
    { version: '001', observed: { locks: [], rewritten: [], alone: 0 } },
    { version: '002', observed: { locks: [], rewritten: [], alone: 0 } },
    {
      version: '003',
      observed: { locks: [{ table: 'app.parents', mode: 'SHARE ROW EXCLUSIVE' }], rewritten: [], alone: 0 },
    },
    {
      version: '004',
      observed: {
        locks: [{ table: 'app.parents', mode: 'ACCESS EXCLUSIVE' }],
        rewritten: ['app.parents', 'app.parents_code', 'app.parents_pkey'],
        alone: 0,
      },
    },
    { version: '005', observed: { locks: [{ table: 'app.parents', mode: 'ROW EXCLUSIVE' }], rewritten: [], alone: 0 } },
    { version: '006', observed: { locks: [], rewritten: [], alone: 1 } },
    // The name it had before.
    {
      version: '007',
      observed: { locks: [{ table: 'app.parents', mode: 'ACCESS EXCLUSIVE' }], rewritten: [], alone: 0 },
    },
    // What was noted at the beginning is forgotten with all settings: that is not the same as nothing.
    { version: '008', observed: null },
  ]);
  const reverted = [];
  for (let left = 8; left > 0; left -= 1) reverted.push(await migrator.rollback());
  expect(
    reverted.map((one) => (one.outcome === 'nothing' ? null : [one.version, one.observed?.locks, one.observed?.alone])),
  ).toEqual([
    ['008', [{ table: 'app.elders', mode: 'ACCESS EXCLUSIVE' }], 0],
    ['007', [{ table: 'app.elders', mode: 'ACCESS EXCLUSIVE' }], 0],
    ['006', [], 1],
    // Deleting looks for children; the rows that go are locked against writers first.
    [
      '005',
      [
        { table: 'app.children', mode: 'ROW SHARE' },
        { table: 'app.parents', mode: 'EXCLUSIVE' },
      ],
      0,
    ],
    ['004', [{ table: 'app.parents', mode: 'ACCESS EXCLUSIVE' }], 0],
    [
      '003',
      [
        { table: 'app.children', mode: 'ACCESS EXCLUSIVE' },
        { table: 'app.parents', mode: 'ACCESS EXCLUSIVE' },
      ],
      0,
    ],
    ['002', [{ table: 'app.parents', mode: 'ACCESS EXCLUSIVE' }], 0],
    ['001', [], 0],
  ]);
});

test('without being asked to observe nothing is measured', async () => {
  const world = await setup();
  const applied = await world.open().migrate();
  expect(applied.map(({ observed }) => observed)).toEqual([null, null, null]);
});

test('a file that fails points to its place also when it is observed', async () => {
  const world = await setup({
    migrations: { '001_bad': ['create schema app;\nselect 1;\nselect nothing;', 'select 1;'] },
  });
  await expect(world.open({ observe: 'yes' }).migrate()).rejects.toMatchObject({
    problem: { code: 'migration-failed', found: expect.stringContaining('001_bad.up.sql:3:8') },
  });
});
