/** A catalog of which only the changes are read anew is the same as one that is read from its beginning. */
import { expect, test } from 'vitest';
import type { Objects } from '../../../src/migrator/fingerprint.ts';
import { CatalogWatch } from '../../../src/migrator/rehearsal/catalog-watch.ts';
import { wholeCatalog } from '../../../src/migrator/rehearsal/whole-catalog.ts';
import { freshDatabase } from '../../support/postgres.ts';

async function setup(sql = '') {
  const database = await freshDatabase();
  if (sql) await database.query(sql);
  const [client, other] = [await database.connect(), await database.connect()];
  const watch = new CatalogWatch(client, 'app');
  return { database, watch, whole: () => wholeCatalog(other, 'app') };
}

const lines = ({ objects }: Objects) =>
  objects.map(({ kind, id, definition }) => `${kind} ${id}: ${definition}`).sort();

/** Each changes something that another object's definition may name. */
const CHANGES: readonly string[] = [
  'create schema app',
  "create table app.a (id int primary key, name text, constraint named check (name <> ''))",
  'create table app.b (id int, a_id int references app.a (id), whole app.a, wholes app.a[])',
  'create index on app.a (name)',
  'create view app.v as select id, name from app.a',
  'create view app.w as select name from app.v',
  'create materialized view app.m as select count(*) as all_of_them from app.a',
  'create sequence app.numbers owned by app.b.id',
  "create type app.mood as enum ('calm')",
  'alter table app.a add column mood app.mood',
  "alter type app.mood add value 'wild'",
  'alter type app.mood rename to temper',
  'create function app.touch() returns trigger language plpgsql as $$ begin return new; end $$',
  'create trigger touched before update on app.a for each row execute function app.touch()',
  'alter function app.touch() rename to touched',
  'alter table app.a rename to z',
  'alter table app.z rename column name to label',
  'alter table app.z rename constraint named to labelled',
  'alter index app.a_name_idx rename to z_label',
  'alter view app.v rename to x',
  "comment on table app.z is 'all of them'",
  "comment on column app.z.label is 'what it says'",
  "comment on constraint labelled on app.z is 'not nothing'",
  "comment on trigger touched on app.z is 'every time'",
  'comment on constraint labelled on app.z is null',
  'alter table app.z disable trigger touched',
  'alter table app.z enable row level security',
  'create policy seen on app.z using (id > 0)',
  "comment on policy seen on app.z is 'some of them'",
  'create rule nothing as on delete to app.z do instead nothing',
  'grant select on app.z to public',
  'grant update (label) on app.z to public',
  'alter table app.b alter column a_id set default 7',
  'alter table app.b alter column a_id drop default',
  'alter table app.b alter column a_id set statistics 7',
  'create table app.parts (id int, at date) partition by range (at)',
  "create table app.part_1 partition of app.parts for values from ('2020-01-01') to ('2021-01-01')",
  'create index on app.parts (id)',
  'alter table app.parts detach partition app.part_1',
  'create publication things for table app.z',
  'alter publication things rename to stuff',
  'create statistics app.both on id, label from app.z',
  'alter sequence app.numbers increment 2',
  'alter sequence app.numbers owned by none',
  'create domain app.positive as int check (value > 0)',
  'alter table app.b add column more app.positive',
  'alter domain app.positive rename to above',
  'drop policy seen on app.z',
  'drop rule nothing on app.z',
  'drop trigger touched on app.z',
  'drop index app.z_label',
  'alter table app.z drop constraint labelled',
  'alter table app.b drop column whole, drop column wholes',
  'alter table app.b set schema public',
  'alter schema app rename to shop',
  'drop publication stuff',
  'drop table shop.z cascade',
  'drop schema shop cascade',
  'drop table public.b',
];

test('after every kind of change, and of what others are named by', async () => {
  const { database, watch, whole } = await setup();
  for (const sql of CHANGES) {
    await database.query(sql);
    expect(lines(await watch.look()), sql).toEqual(lines(await whole()));
  }
  expect(lines(await watch.lookAtAll())).toEqual(lines(await whole()));
});

test('the ledger and what is its own are left out, and what is rolled back was never there', async () => {
  const { database, watch, whole } = await setup(
    'create schema app; create table app.schema_migrations (version text primary key); create table app.a (id int)',
  );
  expect(lines(await watch.look())).toEqual(lines(await whole()));
  await database.query(
    'begin; alter table app.a add column gone int; rollback; alter table app.schema_migrations add b int',
  );
  expect(lines(await watch.look())).toEqual(lines(await whole()));
  await database.query('alter table app.a add column stays int');
  const now = lines(await watch.look());
  expect(now).toEqual(lines(await whole()));
  expect(now.filter((line) => line.startsWith('column'))).toHaveLength(2);
});
