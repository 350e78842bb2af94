/** A rehearsal on a throw-away database finds out whether migrations go up, come down and go up again, and leaves nothing behind. */
import { expect, test } from 'vitest';
import { chosenSource, hasFittingDump, rehearsalWorld as setup, throwAwaysOf } from './rehearsal-world.ts';
import { problemOf } from './world.ts';

const MIRRORLESS = {
  '001_schema': [
    "create schema app; create table app.things (id int primary key, name text); create type app.mood as enum ('calm');",
    'drop type app.mood; drop table app.things; drop schema app;',
  ],
  '002_sloppy': [
    `create index things_name on app.things (name);
comment on table app.things is 'things';
alter type app.mood add value 'wild';
grant select on app.things to public;`,
    'select 1;',
  ],
  '003_neat': ['create table app.more (id int);', 'drop table app.more;'],
} as const;

test('migrations that mirror go up, down and up on a database like the target, which is not touched', async () => {
  const world = await setup();
  const migrator = world.open();
  await migrator.migrate();
  await migrator.rollback();
  const before = await migrator.fingerprint();
  const found = await world.rehearse();
  expect(found).toMatchObject({
    version: 1,
    verdict: 'mirrors',
    place: 'same-server',
    schemaFrom: chosenSource('kept'),
    likeTarget: { kind: 'same' },
    scope: 'pending',
    problems: [],
    differencesAtEnd: [],
    takenBy: 'tester',
  });
  expect(found.migrations).toEqual([
    {
      version: '003',
      name: 'children',
      upChecksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      downChecksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      up: {
        outcome: 'done',
        durationMs: expect.any(Number),
        observed: { locks: [{ table: 'app.parents', mode: 'SHARE ROW EXCLUSIVE' }], rewritten: [], alone: 0 },
      },
      down: expect.objectContaining({ outcome: 'done' }),
      upAgain: expect.objectContaining({ outcome: 'done' }),
      mirrors: 'yes',
      differences: [],
    },
  ]);
  expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  expect(await migrator.fingerprint()).toEqual(before);
  expect(await throwAwaysOf(world)).toEqual([]);
  expect(world.told.map(({ kind }) => kind)).toEqual([
    'rehearsal-began',
    'schema-ready',
    'rehearsed',
    'rehearsed',
    'rehearsed',
    'rehearsal-database-dropped',
  ]);
});

test('a down file that leaves an index, a comment, an enum value or a grant behind is named with each of them', async () => {
  const world = await setup({ migrations: MIRRORLESS });
  const found = await world.rehearse();
  // The mirror of the first takes everything along, so going up again works.
  expect(found).toMatchObject({ verdict: 'does-not-mirror', problems: [], differencesAtEnd: [] });
  expect(found.migrations.map(({ version, mirrors, differences }) => ({ version, mirrors, differences }))).toEqual([
    { version: '001', mirrors: 'yes', differences: [] },
    {
      version: '002',
      mirrors: 'no',
      differences: [
        'not there before: index app.things_name',
        expect.stringMatching(
          /^changed: enum app.mood\n {2}before: .*labels 'calm' .*\n {2}now: {4}.*labels 'calm', 'wild'/,
        ),
        expect.stringMatching(
          /^changed: table app.things\n {2}before: .*\n {2}now: {4}.*=r\/postgres.*comment 'things'$/,
        ),
      ],
    },
    { version: '003', mirrors: 'yes', differences: [] },
  ]);
});

test('what a later down file left behind is not blamed on the one before it', async () => {
  const world = await setup({
    migrations: {
      '001_schema': ['create schema app;', 'drop schema app;'],
      '002_sloppy': ['create table public.left_behind (id int);', 'select 1;'],
    },
  });
  const found = await world.rehearse();
  expect(found.verdict).toBe('failed');
  expect(found.migrations.map(({ mirrors, differences }) => [mirrors, differences.length])).toEqual([
    ['yes', 0],
    ['no', 2],
  ]);
  expect(found.migrations[1]?.differences[0]).toBe('not there before: column public.left_behind.id');
  // Going up again finds the table there.
  expect(found.problems).toMatchObject([{ code: 'migration-failed', message: expect.stringContaining('002_sloppy') }]);
});

test('an up file that fails is a finding; what went up before it still comes down', async () => {
  const world = await setup({
    migrations: {
      '001_schema': ['create schema app;', 'drop schema app;'],
      '002_bad': ['create table app.things (id nothing);', 'drop table app.things;'],
      '003_never': ['select 1;', 'select 1;'],
    },
  });
  const found = await world.rehearse();
  expect(found.verdict).toBe('failed');
  expect(found.migrations.map(({ up, down, mirrors }) => [up?.outcome, down?.outcome, mirrors])).toEqual([
    ['done', 'done', 'yes'],
    ['failed', undefined, 'not tried'],
    [undefined, undefined, 'not tried'],
  ]);
  expect(found.problems).toMatchObject([
    { code: 'migration-failed', found: expect.stringContaining('002_bad.up.sql:1:29'), sqlstate: '42704' },
  ]);
  expect(await throwAwaysOf(world)).toEqual([]);
});

test('a down file that fails ends the way down', async () => {
  const world = await setup({
    migrations: {
      '001_schema': ['create schema app;', 'drop schema app;'],
      '002_table': ['create table app.things (id int);', 'drop table app.thing;'],
    },
  });
  const found = await world.rehearse();
  expect(found.migrations.map(({ down, mirrors, upAgain }) => [down?.outcome, mirrors, upAgain])).toEqual([
    [undefined, 'not tried', null],
    ['failed', 'no', null],
  ]);
  expect(found).toMatchObject({ verdict: 'failed', problems: [{ code: 'migration-failed', sqlstate: '42P01' }] });
});

test('a migration of CONCURRENTLY statements goes up, down and up, and says that its locks were not measured', async () => {
  const world = await setup({
    migrations: {
      '001_schema': [
        'create schema app; create table app.things (id int, name text);',
        'drop table app.things; drop schema app;',
      ],
      '002_index': [
        'create index concurrently things_name on app.things (name);',
        'drop index concurrently app.things_name;',
      ],
    },
  });
  const found = await world.rehearse();
  expect(found.verdict).toBe('mirrors');
  expect(found.migrations[1]).toMatchObject({
    up: { outcome: 'done', observed: { locks: [], rewritten: [], alone: 1 } },
    upAgain: { outcome: 'done' },
    mirrors: 'yes',
  });
});

test('a schema made from files is compared with the target, so that objects made by hand are named', async () => {
  const world = await setup();
  const migrator = world.open();
  await migrator.migrate();
  await migrator.rollback();
  await world.database.query('create index by_hand on app.parents (id, name)');
  const found = await world.rehearse({ from: 'files' });
  expect(found).toMatchObject({
    verdict: 'mirrors',
    schemaFrom: { kind: 'files', stub: null, why: 'as was asked for' },
    likeTarget: { kind: 'differs', lines: ['missing: index app.by_hand'] },
  });
  if (!hasFittingDump) return;
  const dumped = await world.rehearse();
  expect(dumped.likeTarget).toEqual({ kind: 'same' });
});

test('from files, what the migrations refer to comes from a stub; without one the refusal names it', async () => {
  const migrations = {
    '001_schema': [
      'create schema app; create table app.a (user_id int references core.users (id));',
      'drop table app.a; drop schema app;',
    ],
    '002_more': ['create table app.b (id int);', 'drop table app.b;'],
  } as const;
  const world = await setup({ migrations });
  await world.database.query('create schema core; create table core.users (id int primary key);');
  const migrator = world.open();
  await migrator.migrate();
  await migrator.rollback();
  expect(await problemOf(world.rehearse({ from: 'files' }))).toMatchObject({
    code: 'rehearsal-base-failed',
    message: expect.stringContaining('schema "core" does not exist'),
    next: 'name a file that makes what the migrations refer to: `rehearse --stub <file>`',
  });
  const stub = {
    path: 'stub.sql',
    sql: 'create schema core; create table core.users (id int primary key);',
    checksum: '',
  };
  expect(await world.rehearse({ from: 'files', stub })).toMatchObject({
    verdict: 'mirrors',
    schemaFrom: { kind: 'files', stub: 'stub.sql' },
    likeTarget: { kind: 'same' },
  });
  const bad = { ...stub, sql: 'create schema core;\ncreate table core.users (id nothing);' };
  expect(await problemOf(world.rehearse({ from: 'files', stub: bad }))).toMatchObject({
    code: 'rehearsal-stub-failed',
    found: expect.stringContaining('stub.sql:2:'),
  });
  expect(await throwAwaysOf(world)).toEqual([]);
});
