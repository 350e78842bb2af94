/** A fingerprint is equal where the schema is, and tells in readable lines where it is not. */
import { beforeAll, describe, expect, it } from 'vitest';
import { diffFingerprints, fingerprint } from '../../../src/migrator/fingerprint.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';

const BASE = `
  create schema app;
  create type app.mood as enum ('sad', 'glad');
  create domain app.short as text check (length(value) < 10);
  create table app.a (id int primary key, name text not null default 'x', mood app.mood, constraint named check (id > 0));
  create table app.b (id serial, a_id int references app.a (id), body text);
  create index b_body on app.b (body);
  create view app.v as select id from app.a;
  create function app.f(x int) returns int language sql as 'select x';
  create function app.t() returns trigger language plpgsql as 'begin return new; end';
  create trigger touch before update on app.a for each row execute function app.t();
  create table app.schema_migrations (version text primary key);
  create schema other;
  create table other.z (id int);`;

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await database.query(BASE);
});

const take = async () => {
  const client = await database.connect();
  const print = await fingerprint(client, { schemas: ['app'], ledgerSchema: 'app' });
  await client.end();
  return print;
};

/** The difference that `sql` makes; it is taken back afterwards. */
async function difference(sql: string, undo: string): Promise<string[]> {
  const before = await take();
  await database.query(sql);
  const lines = diffFingerprints(before, await take());
  await database.query(undo);
  expect((await take()).digest).toBe(before.digest);
  return lines;
}

describe('what changes the fingerprint', () => {
  it.each([
    ['create table app.c ()', 'drop table app.c', ['not there before: table app.c']],
    [
      'alter table app.a add column more int',
      'alter table app.a drop column more',
      ['not there before: column app.a.more'],
    ],
    [
      `alter table app.a alter name set default 'y'`,
      `alter table app.a alter name set default 'x'`,
      [/^changed: column app.a.name\n {2}before: .*'x'.*\n {2}now: {4}.*'y'/],
    ],
    [
      'alter table app.a alter name drop not null',
      'alter table app.a alter name set not null',
      [/^changed: column app.a.name\n/],
    ],
    [
      'alter table app.b alter body type varchar(5)',
      'alter table app.b alter body type text',
      [/^changed: column app.b.body\n/],
    ],
    [
      'alter table app.a drop constraint named',
      'alter table app.a add constraint named check (id > 0)',
      ['missing: constraint app.a.named'],
    ],
    ['drop index app.b_body', 'create index b_body on app.b (body)', ['missing: index app.b_body']],
    [
      `create or replace function app.f(x int) returns int language sql as 'select 2'`,
      `create or replace function app.f(x int) returns int language sql as 'select x'`,
      [/^changed: function app.f\(x integer\)\n/],
    ],
    [
      'alter table app.a disable trigger touch',
      'alter table app.a enable trigger touch',
      [/^changed: trigger app.a.touch\n/],
    ],
    [
      'create or replace view app.v as select id + 0 as id from app.a',
      'create or replace view app.v as select id from app.a',
      [/^changed: view app.v\n/],
    ],
    ['grant select on app.a to pg_monitor', 'revoke select on app.a from pg_monitor', [/^changed: table app.a\n/]],
    [`comment on column app.a.name is 'c'`, 'comment on column app.a.name is null', [/^changed: column app.a.name\n/]],
    [`comment on schema app is 'c'`, 'comment on schema app is null', [/^changed: schema app\n/]],
    [
      'alter table app.a enable row level security',
      'alter table app.a disable row level security',
      [/^changed: table app.a\n/],
    ],
    ['create policy p on app.a using (id > 1)', 'drop policy p on app.a', ['not there before: policy app.a.p']],
    [
      'alter sequence app.b_id_seq cycle',
      'alter sequence app.b_id_seq no cycle',
      [/^changed: sequence app.b_id_seq\n/],
    ],
    [
      'alter sequence app.b_id_seq owned by none',
      'alter sequence app.b_id_seq owned by app.b.id',
      [/^changed: sequence app.b_id_seq\n/],
    ],
    ['alter domain app.short set not null', 'alter domain app.short drop not null', [/^changed: domain app.short\n/]],
    ['create statistics app.s on id, a_id from app.b', 'drop statistics app.s', ['not there before: statistics app.s']],
    ['create publication p for table app.a', 'drop publication p', ['not there before: publication app.a in p']],
    [
      'alter table app.b alter body set statistics 7',
      'alter table app.b alter body set statistics -1',
      [/^changed: column app.b.body\n/],
    ],
    [
      'alter table app.b alter body set (n_distinct = 5)',
      'alter table app.b alter body reset (n_distinct)',
      [/^changed: column app.b.body\n/],
    ],
    [
      'alter table app.b alter body set compression pglz',
      'alter table app.b alter body set compression default',
      [/^changed: column app.b.body\n/],
    ],
    [
      'alter table app.b disable trigger all',
      'alter table app.b enable trigger all',
      [
        'not there before: trigger app.b.b_a_id_fkey of app.b RI_FKey_check_ins',
        'not there before: trigger app.b.b_a_id_fkey of app.b RI_FKey_check_upd',
      ],
    ],
    ['create collation app.c from "C"', 'drop collation app.c', ['not there before: other collation app.c']],
  ] as const)('%s', async (sql, undo, lines) => {
    const found = await difference(sql, undo);
    expect(found).toEqual(lines.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))));
  });
});

it('sees the columns and the filter of a published table, and a published schema', async () => {
  const client = await database.connect();
  const { rows } = await client.query<{ major: number }>(
    `select current_setting('server_version_num')::int / 10000 as major`,
  );
  await client.end();
  if (rows[0]!.major < 15) return;
  const unfiltered = 'create publication q for table app.a';
  await database.query(unfiltered);
  expect(
    await difference('alter publication q set table app.a (id) where (id > 1)', 'alter publication q set table app.a'),
  ).toEqual([expect.stringMatching(/^changed: publication app.a in q\n/)]);
  await database.query('drop publication q');
  expect(await difference('create publication q for tables in schema app', 'drop publication q')).toEqual([
    'not there before: other publication of schema app in publication q',
  ]);
});

describe('what does not change it', () => {
  it.each([
    ['rows and sequence positions', `insert into app.a values (1); insert into app.b (body) values ('x')`],
    [
      'the ledger',
      `insert into app.schema_migrations values ('001'); alter table app.schema_migrations add column x int`,
    ],
    ['another schema', 'create table other.y ()'],
    [
      'a column that was added and dropped again',
      'alter table app.b add column x int; alter table app.b drop column x',
    ],
    ['a right that was granted and taken back', 'grant select on app.b to public; revoke select on app.b from public'],
    ['another search path of the database', `alter database DATABASE set search_path = app, other`],
  ])('%s', async (_, sql) => {
    const before = await take();
    await database.query(sql.replace('DATABASE', database.name));
    expect(diffFingerprints(before, await take())).toEqual([]);
  });
});

it('of schemas that do not exist is that of nothing', async () => {
  const client = await database.connect();
  const print = await fingerprint(client, { schemas: ['nowhere'], ledgerSchema: 'nowhere' });
  expect(print).toEqual({ digest: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', objects: [] });
});
