/** What a mirror would lose is found, counted, saved and put back, whichever way it is lost; and nothing is lost where saving fails. */
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { wouldLose } from '../../../src/migrator/would-lose.ts';
import type { MigratorEvent } from '../../../src/model/migrator-event.ts';
import { onCluster } from '../../support/postgres.ts';
import { ROOT } from '../../support/processes.ts';
import { kinds, type Migrations, problemOf, setup, until, type World } from './world.ts';

const run = promisify(execFile);
const hasPsql = await run('psql', ['--version']).then(
  () => true,
  () => false,
);

const SCHEMA = ['create schema app;', 'drop schema app;'] as const;

const migrated = async (migrations: Migrations, rows: string): Promise<World> => {
  const world = await setup({ migrations: { '001_schema': SCHEMA, ...migrations } });
  await world.open().migrate();
  await world.database.query(rows);
  return world;
};

const savedOf = (events: readonly MigratorEvent[]) => events.findLast((event) => event.kind === 'rows-saved')!;
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

const BIG: Migrations = {
  '002_t': ['create table app.t (id int primary key, filler text);', 'drop table app.t;'],
};
const FILL = `insert into app.t select n, repeat(md5(n::text), 20) from generate_series(1, 20000) n`;

describe('nothing is lost', () => {
  it('where row security hides rows from the role that migrates', async () => {
    const world = await setup({ migrations: { '001_schema': SCHEMA, ...BIG } });
    const role = `plain_${world.database.name}`;
    await onCluster(`create role ${role} login password 'p'`);
    try {
      await world.database.query(`grant create on database ${world.database.name} to ${role}`);
      const url = new URL(world.database.url);
      url.username = role;
      url.password = 'p';
      await world.open({ url: url.href }).migrate();
      await world.database.query(
        'insert into app.t values (1); alter table app.t enable row level security; alter table app.t force row level security; create policy none on app.t using (false)',
      );
      expect(await problemOf(world.open({ url: url.href }).rollback())).toEqual({
        code: 'rows-hidden',
        message: 'the rows that the rollback would drop cannot all be seen, so nothing was dropped',
        found: 'query would be affected by row-level security policy for table "t"',
        expected: 'a role that may read every row of these tables: their owner, or one with BYPASSRLS',
        next: 'run the same command with the URL of such a role',
        retry: 'stop',
      });
      expect(await world.database.query('select count(*)::int as n from app.t')).toEqual([{ n: 1 }]);
    } finally {
      await world.database.query(`reassign owned by ${role} to current_user; drop owned by ${role}`);
      await onCluster(`drop role ${role}`);
    }
  });

  it('where the disk is full: what was written is removed', async () => {
    const world = await migrated(BIG, FILL);
    // A limit on the size of files stands for a disk that is full; it holds for pg_dump too.
    const found = await run('sh', ['-c', `ulimit -f 64; exec ${rollbackCommand(world)}`], { cwd: world.root }).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(found).toMatchObject({ code: 1, stderr: expect.stringContaining('rows-not-saved') });
    expect(await readdir(path.join(world.root, '.drydock/saved'))).toEqual([]);
    expect(await world.database.query('select count(*)::int as n from app.t')).toEqual([{ n: 20_000 }]);
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  });

  it('where it is killed while saving: the directory says that it is not finished', async () => {
    const world = await migrated(BIG, FILL);
    const folder = await mkdtemp(path.join(world.root, 'slow-dump-'));
    await writePgDump(folder, `touch ${folder}/begun; sleep 30`);
    const child = spawn('sh', ['-c', `exec ${rollbackCommand(world)}`], {
      cwd: world.root,
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
      stdio: 'ignore',
      detached: true,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await until(async () => (await readdir(folder)).includes('begun'));
    process.kill(-child.pid!, 'SIGKILL');
    await ended;
    const saved = path.join(world.root, '.drydock/saved');
    expect(await readdir(saved)).toEqual([expect.stringMatching(/-002_t\.unfinished$/)]);
    await rm(folder, { recursive: true });
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
    expect(await world.database.query('select count(*)::int as n from app.t')).toEqual([{ n: 20_000 }]);
    await world.open().rollback();
    expect(await world.ledger()).toEqual(['001 1/1']);
  });

  it('where the drop fails after saving: the directory says that nothing was dropped', async () => {
    const world = await migrated(BIG, 'insert into app.t values (1)');
    const reader = await world.database.connect();
    const folder = await mkdtemp(path.join(world.root, 'slow-dump-'));
    const slow = `touch ${folder}/begun; while [ ! -e ${folder}/go ]; do sleep 0.02; done; exit 1`;
    await withPgDump(slow, async () => {
      const rolled = problemOf(world.open().rollback());
      await until(async () => (await readdir(folder)).includes('begun'));
      // In the way of the drop, and of nothing before it.
      await reader.query('begin; select count(*) from app.t');
      await writeFile(path.join(folder, 'go'), '');
      expect((await rolled).code).toBe('lock-timeout');
    });
    await reader.query('rollback');
    const { directory } = savedOf(world.events);
    expect(await readdir(path.dirname(directory))).toEqual([`${path.basename(directory)}.not-dropped`]);
    expect(await world.database.query('select count(*)::int as n from app.t')).toEqual([{ n: 1 }]);
  });
});

describe('what would be lost', () => {
  const STEPS: Migrations = {
    '002_t': ['create table app.t (id int primary key);', 'drop table app.t;'],
    '003_x': ['alter table app.t add column x text;', 'alter table app.t drop column x;'],
    '004_index': ['create index concurrently t_x on app.t (x);', 'drop index concurrently app.t_x;'],
    '005_u': ['create table app.u (id int);', 'drop table app.u;'],
  };
  const ROWS = `insert into app.t values (1, 'a'), (2, null); insert into app.u values (1)`;
  const ask = (world: World, steps: number) => world.open().alone((work, files) => wouldLose(work, files, steps));

  it('is counted step by step, and nothing is changed', async () => {
    const world = await migrated(STEPS, ROWS);
    const before = await world.open().fingerprint();
    expect(await ask(world, 5)).toEqual([
      {
        migration: { version: '005', name: 'u' },
        downPath: 'migrations/app/005_u.down.sql',
        tables: [{ table: 'app.u', rows: 1 }],
      },
      { migration: { version: '004', name: 'index' }, downPath: 'migrations/app/004_index.down.sql', tables: [] },
      {
        migration: { version: '003', name: 'x' },
        downPath: 'migrations/app/003_x.down.sql',
        tables: [{ table: 'app.t', rows: 1, columns: ['x'] }],
      },
      {
        migration: { version: '002', name: 't' },
        downPath: 'migrations/app/002_t.down.sql',
        tables: [{ table: 'app.t', rows: 2 }],
      },
      { migration: { version: '001', name: 'schema' }, downPath: 'migrations/app/001_schema.down.sql', tables: [] },
    ]);
    expect(await world.open().fingerprint()).toEqual(before);
    expect(await world.ledger()).toHaveLength(5);
    expect((await world.open().status()).drift).toEqual({ kind: 'none' });
    await expect(readdir(path.join(world.root, 'saved'))).rejects.toThrow('ENOENT');
    expect((await ask(world, 1)).map(({ migration }) => migration.version)).toEqual(['005']);
  });

  it('says which mirror fails, with its place', async () => {
    const world = await migrated({ '002_t': ['create table app.t (id int);', 'drop table app.nonsense;'] }, 'select 1');
    expect(await problemOf(ask(world, 1))).toMatchObject({
      code: 'migration-failed',
      message: expect.stringContaining('trying the rollback of 002_t failed: table "nonsense" does not exist'),
    });
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  });
});

function rollbackCommand(world: World): string {
  const cli = path.join(ROOT, 'src/cli/drydock.ts');
  const tsx = path.join(ROOT, 'node_modules/tsx/dist/loader.mjs');
  return `'${process.execPath}' --import '${tsx}' '${cli}' rollback --dir migrations/app --schema app --url '${world.database.url}'`;
}

/** The rows are then saved in the other way. */
function withoutPgDump<T>(work: () => Promise<T>): Promise<T> {
  return withPgDump('exit 1', work);
}

/** Puts a pg_dump that claims to fit every server, and then runs `script`, first on the path. */
async function withPgDump<T>(script: string, work: () => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'drydock-pg-dump-'));
  await writePgDump(folder, script);
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  try {
    return await work();
  } finally {
    process.env.PATH = before;
    await rm(folder, { recursive: true, force: true });
  }
}

async function writePgDump(folder: string, script: string): Promise<void> {
  const program = path.join(folder, 'pg_dump');
  const answer = 'if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 99.0"; exit 0; fi';
  await writeFile(program, `#!/bin/sh\n${answer}\n${script}\n`);
  await chmod(program, 0o755);
}

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
