/** What a mirror would lose is found, counted, saved and put back, whichever way it is lost. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIG, migrated, run, savedOf, withPgDump } from './lost-rows-world.ts';
import { kinds, type Migrations, type World } from './world.ts';

const hasPsql = await run('psql', ['--version']).then(
  () => true,
  () => false,
);

const atStake = (world: World) => world.events.flatMap((event) => (event.kind === 'rows-at-stake' ? event.tables : []));

/** Runs the command that was printed, as a shell does. */
const restore = (world: World, url = world.database.url) =>
  run('sh', ['-c', savedOf(world.events).restore], { env: { ...process.env, URL: url } });

/** Back, forward, and the rows put back. */
async function thereAndBack(world: World): Promise<void> {
  await world.open().rollback();
  await world.open().migrate();
  await restore(world);
}

/** The rows are then saved in the other way. */
function withoutPgDump<T>(work: () => Promise<T>): Promise<T> {
  return withPgDump('exit 1', work);
}

describe.skipIf(!hasPsql)('values of a column that is dropped', () => {
  const NOTES: Migrations = {
    '002_t': [
      'create table app."My T" (id int, part text, kept text, primary key (id, part));',
      'drop table app."My T";',
    ],
    '003_note': [
      `create type app."Mood" as enum ('sad', 'very glad');
       alter table app."My T" add column "a ""note""" text, add column mood app."Mood", add column big numeric,
         add column twice text generated always as (kept || kept) stored;`,
      'alter table app."My T" drop column "a ""note""", drop column mood, drop column big, drop column twice; drop type app."Mood";',
    ],
  };

  it('are counted, saved with the primary key and put back into the rows that are still there', async () => {
    const world = await migrated(
      NOTES,
      `insert into app."My T" (id, part, kept, "a ""note""", mood, big) values (1, 'x', 'k', E'tab\\t\\\\ü', 'very glad', 'NaN'),
         (2, 'x', 'k', '', null, null), (3, 'x', null, null, null, null), (4, 'gone', 'k', 'n', null, 1.50)`,
    );
    const read = () => world.database.query(`select * from app."My T" order by id`);
    const before = await read();
    await world.open().rollback();
    expect(atStake(world)).toEqual([{ table: 'app.My T', rows: 3, columns: ['a "note"', 'mood', 'big'] }]);
    expect(savedOf(world.events)).toMatchObject({ method: 'copy', tables: atStake(world) });
    await world.database.query(
      `update app."My T" set kept = 'changed' where id = 2; delete from app."My T" where id = 4`,
    );
    await world.open().migrate();
    await restore(world);
    expect(await read()).toEqual([before[0], { ...before[1], kept: 'changed', twice: 'changedchanged' }, before[2]]);
  });

  it('of a partitioned table are saved once', async () => {
    const world = await migrated(
      {
        '002_t': [
          'create table app.t (id int primary key) partition by range (id); create table app.low partition of app.t for values from (0) to (10); create table app.high partition of app.t for values from (10) to (20);',
          'drop table app.t;',
        ],
        '003_x': ['alter table app.t add column x text;', 'alter table app.t drop column x;'],
      },
      `insert into app.t values (1, 'a'), (11, 'b'), (12, null)`,
    );
    await thereAndBack(world);
    expect(atStake(world)).toEqual([{ table: 'app.t', rows: 2, columns: ['x'] }]);
    expect(await world.database.query('select id, x from app.t order by id')).toEqual([
      { id: 1, x: 'a' },
      { id: 11, x: 'b' },
      { id: 12, x: null },
    ]);
  });

  it('and of one whose type no longer holds them come back as they were', async () => {
    const world = await migrated(
      {
        '002_t': ['create table app.t (id int primary key, x varchar(3), y int);', 'drop table app.t;'],
        '003_wider': [
          'alter table app.t alter x type text, alter y type bigint;',
          'alter table app.t alter x type varchar(3) using left(x, 3), alter y type int using 0;',
        ],
      },
      `insert into app.t values (1, 'longer than three', 5000000000), (2, null, null)`,
    );
    const read = () => world.database.query('select * from app.t order by id');
    const before = await read();
    await thereAndBack(world);
    expect(atStake(world)).toEqual([{ table: 'app.t', rows: 1, columns: ['x', 'y'] }]);
    expect(await read()).toEqual(before);
  });

  it('and of one that becomes wider and is given other values come back as they were', async () => {
    const world = await migrated(
      {
        '002_t': ['create table app.t (id int primary key, x bigint);', 'drop table app.t;'],
        '003_narrower': ['alter table app.t alter x type int;', 'alter table app.t alter x type bigint using 0;'],
      },
      'insert into app.t values (1, 42)',
    );
    await thereAndBack(world);
    expect(atStake(world)).toEqual([{ table: 'app.t', rows: 1, columns: ['x'] }]);
    expect(await world.database.query('select x::int from app.t')).toEqual([{ x: 42 }]);
  });

  it('are no loss where the type only becomes wider, or the column has no value', async () => {
    const world = await migrated(
      {
        '002_t': ['create table app.t (id int primary key, x varchar(3));', 'drop table app.t;'],
        '003_x': [
          'alter table app.t add column empty text, alter x type varchar(2);',
          'alter table app.t drop column empty, alter x type varchar(3);',
        ],
      },
      `insert into app.t values (1, 'ab')`,
    );
    await world.open().rollback();
    expect(kinds(world.events)).not.toContain('rows-at-stake');
  });
});

describe.skipIf(!hasPsql)('rows of a table that stays', () => {
  it.each([
    ['deletes in a block of code', `do $$ begin execute 'delete from app.' || 't where id = 1'; end $$;`, ['app.t']],
    ['a TRUNCATE in a block of code', `do $$ begin execute 'truncate app.t'; end $$;`, ['app.t']],
    ['an UPDATE', `update app.t set x = null;`, ['app.t']],
    ['a cascade of a foreign key', 'delete from app.parents;', ['app.parents', 'app.t']],
    ['a trigger', 'drop table app.empty; insert into app.bell values (1);', ['app.t']],
    ['TRUNCATE ... CASCADE', 'truncate app.parents cascade;', ['app.parents', 'app.t']],
  ])('that %s takes are saved, and put beside it', async (_, down, tables) => {
    const world = await migrated(
      {
        '002_t': [
          `create table app.parents (id int primary key); create table app.empty (id int); create table app.bell (id int);
           create table app.t (id int primary key, parent int references app.parents on delete cascade, x text);
           create function app.ring() returns trigger language plpgsql as 'begin delete from app.t; return new; end';
           create trigger ring after insert on app.bell for each row execute function app.ring();`,
          'drop schema app cascade;',
        ],
        '003_x': ['select 1;', down],
      },
      `insert into app.parents values (1), (2); insert into app.t values (1, 1, 'a'), (2, 2, 'b')`,
    );
    const before = await world.database.query('select * from app.t order by id');
    await world.open().rollback();
    expect(atStake(world).map(({ table }) => table)).toEqual(tables);
    await restore(world);
    expect(await world.database.query('select * from app.t_saved order by id')).toEqual(before);
  });
});

describe.skipIf(!hasPsql)('rows come back exactly', () => {
  it('whatever their types, and however the two sessions print values', async () => {
    const world = await migrated(
      {
        '002_wide': [
          `create type app.mood as enum ('sad', 'it''s "glad"');
           create domain app.short as text check (length(value) < 10);
           create type app.pair as (a int, b text);
           create table app.wide (id bigint generated always as identity primary key, bytes bytea, list text[][], doc jsonb, raw json,
             mood app.mood, short app.short, pair app.pair, r4 real, r8 double precision, num numeric, at timestamptz, day date,
             every interval, price money, ip inet, range int4range, vector tsvector, bits bit varying, id2 uuid, page xml,
             later timestamp, flag boolean, ch char(5), twice text generated always as (short || 'x') stored, cls regclass);`,
          'drop table app.wide; drop type app.mood; drop domain app.short; drop type app.pair;',
        ],
      },
      `insert into app.wide (bytes, list, doc, raw, mood, short, pair, r4, r8, num, at, day, every, price, ip, range, vector, bits, id2, page, later, flag, ch, cls) values
         ('\\x00ff5c0a', array[['a,b', null], ['', '"{}\\']], '{"b": [1, null, "ü\\u0001"], "a": 1e400}', '{"a":  1, "a": 2}', 'it''s "glad"', E'a\\tb\\n',
          row(1, 'x,"y"'), 1e-45, 0.1::float8 + 0.2, 'NaN', 'infinity', '-infinity', '-1 mon +3 days -04:05:06.789', 12345.67, '::1/64',
          '(,5)', 'a:1 b:2A', B'10101', '00000000-0000-0000-0000-000000000001', '<a>1</a><b/>', '0044-03-15 12:00:00.123456 BC', true, 'x', 'app.wide'),
         (null, '{}', null, null, null, null, row(null, null), 'NaN', '-Infinity', 1e-200, '2026-03-29 01:30+00', '0001-01-01 BC', '1 year', -0.01, '10.0.0.0/8',
          'empty', '', B'', null, 'just text', 'infinity', null, '', null)`,
    );
    await world.database.query(`do $$ begin
      execute format('alter database %I set datestyle = %L', current_database(), 'German');
      execute format('alter database %I set intervalstyle = %L', current_database(), 'sql_standard');
      execute format('alter database %I set extra_float_digits = 0', current_database());
      execute format('alter database %I set timezone = %L', current_database(), 'Asia/Tokyo');
      execute format('alter database %I set bytea_output = %L', current_database(), 'escape');
    end $$`);
    const read = async () => {
      const client = await world.database.connect();
      await client.query(
        `set datestyle = ISO; set intervalstyle = postgres; set extra_float_digits = 3; set timezone = 'UTC'`,
      );
      const { rows } = await client.query('select w::text from app.wide w order by id');
      return rows;
    };
    const before = await read();
    await withoutPgDump(async () => thereAndBack(world));
    expect(savedOf(world.events).method).toBe('copy');
    expect(await read()).toEqual(before);
    expect(await world.database.query('insert into app.wide (doc) values (null) returning id')).toEqual([{ id: '3' }]);
  });

  it('where tables refer to each other in a circle', async () => {
    const world = await migrated(
      {
        '002_circle': [
          `create table app.a (id int primary key, b int not null); create table app.b (id int primary key, a int not null references app.a);
           alter table app.a add constraint to_b foreign key (b) references app.b deferrable initially deferred;`,
          'drop table app.a, app.b cascade;',
        ],
      },
      'begin; insert into app.a values (1, 2); insert into app.b values (2, 1); commit',
    );
    await withoutPgDump(() => thereAndBack(world));
    expect(await world.database.query('select a.id, b.id as b from app.a join app.b on b.id = a.b')).toEqual([
      { id: 1, b: 2 },
    ]);
    const [key] = await world.database.query(
      `select condeferrable, condeferred from pg_constraint where conname = 'b_a_fkey'`,
    );
    expect(key).toEqual({ condeferrable: false, condeferred: false });
  });

  it('of tables that inherit from each other, each its own', async () => {
    const world = await migrated(
      {
        '002_t': [
          'create table app.t (id int); create table app.child () inherits (app.t);',
          'drop table app.child; drop table app.t;',
        ],
      },
      'insert into app.t values (1); insert into app.child values (2)',
    );
    await withoutPgDump(() => thereAndBack(world));
    expect(atStake(world)).toEqual([
      { table: 'app.child', rows: 1 },
      { table: 'app.t', rows: 1 },
    ]);
    expect(await world.database.query('select tableoid::regclass::text as t, id from app.t order by id')).toEqual([
      { t: 'app.t', id: 1 },
      { t: 'app.child', id: 2 },
    ]);
  });

  it('with numbers that were used up, and the position of a sequence of its own', async () => {
    const world = await migrated(
      {
        '002_t': [
          'create table app.t (id serial primary key); create sequence app.loose;',
          'drop table app.t; drop sequence app.loose;',
        ],
      },
      `insert into app.t default values; insert into app.t default values; delete from app.t where id = 2; select nextval('app.loose')`,
    );
    await thereAndBack(world);
    expect(atStake(world)).toEqual([
      { table: 'app.loose', rows: 1 },
      { table: 'app.t', rows: 1 },
    ]);
    expect(await world.database.query('insert into app.t default values returning id')).toEqual([{ id: 3 }]);
    expect(await world.database.query(`select nextval('app.loose')::int as n`)).toEqual([{ n: 2 }]);
  });

  it('where names hold line breaks, quotes and spaces', async () => {
    const name = 'a\n\\! touch "x\'; $b';
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const world = await migrated(
      { '002_t': [`create table app.${quoted} (${quoted} int);`, `drop table app.${quoted};`] },
      `insert into app.${quoted} values (1)`,
    );
    await withoutPgDump(() => thereAndBack(world));
    expect(await world.database.query(`select * from app.${quoted}`)).toEqual([{ [name]: 1 }]);
  });
});

it('the readme of a directory says what is in it', async () => {
  const world = await migrated(BIG, 'insert into app.t values (1)');
  await withoutPgDump(() => world.open().rollback());
  const { directory, restore: command } = savedOf(world.events);
  expect(await readFile(path.join(directory, 'README.txt'), 'utf8')).toBe(
    [
      'Rows saved by Drydock before rolling back 002_t lost them:',
      '  app.t: 1 row',
      '',
      'To put them back, migrate until what was dropped is there again, then run as the owner of the tables:',
      `  ${command}`,
      'It is one transaction: where it fails, nothing is put back, and it can be run again.',
      '',
    ].join('\n'),
  );
});
