/** What a dry run says of statements: on tables of the target with their sizes, and on those that the plan makes. */
import { describe, expect, it } from 'vitest';
import { dryRunText } from '../../../src/report/migrator/dry-run-text.ts';
import { setup } from './world.ts';

const MIGRATIONS = {
  '001_schema': ['create schema app;', 'drop schema app;'],
  '002_notes': [
    `create table app.notes (id int primary key, author uuid references core.users (id), body text);
create index notes_author on app.notes (author);
comment on table app.notes is 'x';
alter table app.notes add column seen timestamptz default clock_timestamp();`,
    'drop table app.notes;',
  ],
  '003_users': [
    `alter table core.users add column token uuid not null default gen_random_uuid();
update core.users set token = gen_random_uuid();
do $$ begin execute format('drop table if exists %I', 'gone'); end $$;
drop table core.badges;
create index concurrently users_token on core.users (token);
alter table core.users drop column token;
comment on column core.users.id is 'x';`,
    'select 1;',
  ],
} as const;

async function world() {
  const made = await setup({ migrations: MIGRATIONS, template: 'core' });
  await made.database.query(`create table core.badges (id int primary key, user_id uuid references core.users (id));
    insert into core.badges select n from generate_series(1, 20000) n;
    analyze core.badges`);
  return made;
}

describe('a dry run', () => {
  it('tells above each file what others have to wait for, and its SQL stays a script', async () => {
    const { open, database } = await world();
    const run = await open().dryRun();
    expect(run.problems).toEqual([]);
    expect(run.touched).toEqual([
      { table: 'core.users', rows: null, bytes: 24_576 },
      { table: 'core.badges', rows: 20_000, bytes: expect.any(Number) },
    ]);
    const text = dryRunText(run)
      .replaceAll(/^-- sha256 .*\n/gm, '')
      .replace(/20 k rows, [^)]*/, '20 k rows, SIZE');
    expect(text.split('\n').slice(3).join('\n')).toBe(`-- 1 of 3: migrations/app/001_schema.up.sql
-- mirror migrations/app/001_schema.down.sql
-- one transaction of 1 statement (free: lock_timeout 100 ms)
--   it makes nobody wait and touches no rows that are there
create schema app;

-- 2 of 3: migrations/app/002_notes.up.sql
-- mirror migrations/app/002_notes.down.sql
-- one transaction of 4 statements (blocking: lock_timeout 100 ms)
--   line 1: creates table app.notes · SHARE ROW EXCLUSIVE on core.users (rows unknown, 24 kB): writes wait
--   3 other statements make nobody wait and touch no rows that are there
${MIGRATIONS['002_notes'][0]}

-- 3 of 3: migrations/app/003_users.up.sql
-- mirror migrations/app/003_users.down.sql
-- 3 parts: a transaction of 4 statements from line 1 (blocking: lock_timeout 100 ms), a statement outside a transaction from line 5 (patient: lock_timeout 20 s), a transaction of 2 statements from line 6 (blocking: lock_timeout 100 ms)
--   line 1: adds column token to core.users · ACCESS EXCLUSIVE on core.users (rows unknown, 24 kB): reads and writes wait · rewrites core.users
--   line 2: updates core.users, every row · ROW EXCLUSIVE on core.users · changes rows of core.users · undoing does not bring the rows back
--   line 3: DO block · not looked into: EXECUTE format('drop table if exists %I', 'gone')
--   line 4: drops table core.badges · ACCESS EXCLUSIVE on core.badges (20 k rows, SIZE), core.users: reads and writes wait · undoing does not bring the rows back
--   line 5: creates index users_token on core.users concurrently · SHARE UPDATE EXCLUSIVE on core.users · builds an index from all rows of core.users · outside a transaction
--   line 6: drops core.users.token · ACCESS EXCLUSIVE on core.users: reads and writes wait · undoing does not bring the rows back
--   1 other statement makes nobody wait and touches no rows that are there
${MIGRATIONS['003_users'][0]}`);
    // All of it in one go, as somebody might paste it; what cannot be in a transaction comes after the rest.
    const client = await database.connect();
    for (const statement of text.split(/;$/m)) await client.query(statement);
  });

  it('says nothing of statements that are done, and knows what they made', async () => {
    const { open, write, database } = await world();
    const migrator = open();
    await migrator.migrate();
    await write('004_more.up.sql', 'alter table app.notes alter column body type varchar(10);');
    await write('004_more.down.sql', 'alter table app.notes alter column body type text;');
    await database.query('analyze app.notes');
    const [more] = (await migrator.dryRun()).pending;
    expect(more).toMatchObject({
      version: '004',
      touched: [{ table: 'app.notes', rows: 0 }],
      parts: [{ statements: [{ effects: { locks: [{ mode: 'ACCESS EXCLUSIVE' }], work: [{ work: 'rewrite' }] } }] }],
    });
  });

  it('does not wait for a table that somebody holds whole', async () => {
    const { open, database } = await world();
    const holder = await database.connect();
    await holder.query('begin; lock table core.users in access exclusive mode');
    const run = await open().dryRun();
    expect(run.touched.map(({ table }) => table)).toEqual(['core.users', 'core.badges']);
    await holder.query('rollback');
  });
});
