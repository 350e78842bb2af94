import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { findPgDump } from '../../../src/migrator/pg-dump.ts';
import type { MigratorEvent } from '../../../src/model/migrator-event.ts';
import { withPgDump } from './lost-rows-world.ts';
import { kinds, problemOf, setup, until, type World } from './world.ts';

const run = promisify(execFile);
const found = async (program: string) =>
  run(program, ['--version']).then(
    () => true,
    () => false,
  );
const hasPsql = await found('psql');
const { major } = inject('postgres').binaries;
const hasFittingDump = (await findPgDump(major)) !== undefined && (await found('pg_restore'));

const MIGRATIONS = {
  '001_schema': ['create schema app;', 'drop schema app;'],
  '002_shop': [
    `create table app.customers (id int generated always as identity primary key, name text not null, loud text generated always as (upper(name)) stored);
     create table app.orders (id serial primary key, customer_id int not null references app.customers (id), note text, boss int references app.orders (id));
     create table app.empty (id int);
     create function app.refuse() returns trigger language plpgsql as 'begin raise exception ''only new rows''; end';
     create trigger refuse before insert on app.orders for each row when (new.note is not null) execute function app.refuse();`,
    'drop table app.empty; drop table app.orders; drop table app.customers; drop function app.refuse();',
  ],
} as const;

const ROWS = `
  insert into app.customers (name) values ('Ann'), (E'tab\\there\\nline \\\\ back'), ('ü€😀');
  insert into app.orders (customer_id, boss) values (1, null), (2, 1);
  update app.orders set note = 'written later' where id = 2;`;

const contents = (world: World) =>
  world.database.query(`select (select json_agg(c order by id) from app.customers c) as customers,
                               (select json_agg(o order by id) from app.orders o) as orders`);

async function setupWithRows(options: Parameters<typeof setup>[0] = { migrations: MIGRATIONS }) {
  const world = await setup(options);
  await world.open().migrate();
  await world.database.query(ROWS);
  return world;
}

/** Runs the command that was printed, as a shell does. */
const restore = (world: World, command: string) =>
  run('sh', ['-c', command], { env: { ...process.env, URL: world.database.url } });

async function expectNextNumbers(world: World): Promise<void> {
  const next = (sql: string) => world.database.query(sql);
  expect(await next('insert into app.orders (customer_id) values (1) returning id')).toEqual([{ id: 3 }]);
  expect(await next(`insert into app.customers (name) values ('x') returning id`)).toEqual([{ id: 4 }]);
}

const savedOf = (events: readonly MigratorEvent[]) => events.find((event) => event.kind === 'rows-saved')!;

describe('rows that a rollback would drop', () => {
  it('are saved by pg_dump where one fits, and pg_restore puts them back', async ({ skip }) => {
    skip(!hasFittingDump, `there is no pg_dump for PostgreSQL ${major} with its pg_restore on this machine`);
    const world = await setupWithRows();
    const before = await contents(world);
    const outcome = await world.open().rollback();
    const saved = savedOf(world.events);
    expect(saved).toEqual({
      kind: 'rows-saved',
      directory: expect.stringMatching(new RegExp(`/saved/${world.database.name}-\\d{8}T\\d{9}Z-002_shop$`)),
      method: 'pg_dump',
      restore: `pg_restore --data-only --disable-triggers --single-transaction --exit-on-error --dbname "$URL" ${saved.directory}/rows.dump`,
      tables: [
        { table: 'app.customers', rows: 3 },
        { table: 'app.orders', rows: 2 },
      ],
    });
    expect(outcome).toMatchObject({ outcome: 'reverted', saved: [saved.directory] });
    expect((await readdir(saved.directory)).sort()).toEqual(['README.txt', 'rows.dump']);
    expect(await readFile(path.join(saved.directory, 'README.txt'), 'utf8')).toBe(
      [
        'Rows saved by Drydock before rolling back 002_shop lost them:',
        '  app.customers: 3 rows',
        '  app.orders: 2 rows',
        '',
        'To put them back, migrate until what was dropped is there again, then run as a superuser:',
        `  ${saved.restore}`,
        'The dump also holds the definitions of the tables: pg_restore --list rows.dump',
        '',
      ].join('\n'),
    );
    await world.open().migrate();
    await restore(world, saved.restore);
    expect(await contents(world)).toEqual(before);
    await expectNextNumbers(world);
  });

  it('are otherwise saved by COPY, and psql puts them back as the owner of the tables', async ({ skip }) => {
    skip(!hasPsql, 'there is no psql on this machine');
    const world = await setupWithRows();
    const before = await contents(world);
    await rollBackWithoutPgDump(world);
    const saved = savedOf(world.events);
    expect(saved).toMatchObject({
      method: 'copy',
      tables: [
        { table: 'app.customers', rows: 3 },
        { table: 'app.orders', rows: 2 },
      ],
    });
    expect((await readdir(saved.directory)).sort()).toEqual(['README.txt', 'restore.sql']);
    await world.open().migrate();
    await restore(world, saved.restore);
    expect(await contents(world)).toEqual(before);
    // The sequences go on where they were, and the trigger is on again.
    await expectNextNumbers(world);
    await expect(world.database.query(`insert into app.orders (customer_id, note) values (1, 'x')`)).rejects.toThrow(
      'only new rows',
    );
  });

  it('the script says what it holds and how it is used', async () => {
    const world = await setupWithRows();
    await rollBackWithoutPgDump(world);
    const file = path.join(savedOf(world.events).directory, 'restore.sql');
    const text = await readFile(file, 'utf8');
    expect(
      text
        .replace(/^set local .*\n/gm, '')
        .split('\n')
        .slice(0, 9),
    ).toEqual([
      '-- Rows saved by Drydock before rolling back 002_shop lost them:',
      '--   app.customers: 3 rows',
      '--   app.orders: 2 rows',
      '\\set ON_ERROR_STOP on',
      'begin;',
      '',
      'alter table "app"."customers" disable trigger user;',
      'copy "app"."customers" ("id", "name") from stdin;',
      '1\tAnn',
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  });

  it('cannot be added to by writers while they are saved, readers go on, and they are saved once', async () => {
    const world = await setupWithRows();
    const folder = await mkdtemp(path.join(world.root, 'slow-dump-'));
    const slow = `touch ${folder}/begun; while [ ! -e ${folder}/go ]; do sleep 0.02; done; exit 1`;
    const running = withPgDump(slow, () => world.open({ lockPolicy: { totalMs: 30_000 } }).rollback());
    await until(async () => (await readdir(folder)).includes('begun'));
    const writer = await world.database.connect();
    await writer.query(`set lock_timeout = '50ms'`);
    await expect(writer.query(`insert into app.customers (name) values ('late')`)).rejects.toMatchObject({
      code: '55P03',
    });
    const reader = await world.database.connect();
    await reader.query('begin; select count(*) from app.orders');
    await writeFile(path.join(folder, 'go'), '');
    // The reader is in the way of the drop: tried again, with the rows saved already.
    await until(() => kinds(world.events).includes('lock-timeout'));
    await reader.query('commit');
    await running;
    expect(world.events.filter(({ kind }) => kind === 'rows-saved')).toHaveLength(1);
    expect(await world.ledger()).toEqual(['001 1/1']);
  });

  it('are not saved where that was asked for, and it is said', async () => {
    const world = await setupWithRows();
    await world.open({ dataLoss: 'drop-rows-unsaved' }).rollback();
    expect(world.events.filter(({ kind }) => kind.startsWith('rows-')).slice(1)).toEqual([
      {
        kind: 'rows-not-saved',
        tables: [
          { table: 'app.customers', rows: 3 },
          { table: 'app.orders', rows: 2 },
        ],
      },
    ]);
    await expect(readdir(path.join(world.root, 'saved'))).rejects.toThrow('ENOENT');
  });

  it('that cannot be saved are not dropped', async () => {
    const world = await setupWithRows();
    await writeFile(path.join(world.root, 'saved'), 'a file where a directory should be');
    expect(await problemOf(world.open().rollback())).toEqual({
      code: 'rows-not-saved',
      message: 'the rows that the rollback would drop could not be saved, so nothing was dropped',
      found: expect.stringContaining('EEXIST'),
      expected: `room and the right to write below ${world.root}/saved`,
      next: 'make room there, or run the same command with --allow-data-loss to drop the rows unsaved',
      retry: 'stop',
    });
    expect(await contents(world)).toMatchObject([{ orders: [{}, {}] }]);
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  });

  it('of empty tables and of none need no directory', async () => {
    const world = await setup({ migrations: MIGRATIONS });
    await world.open().migrate();
    await world.open().reset();
    expect(kinds(world.events)).not.toContain('rows-saved');
  });

  it('are found where a schema is dropped with all in it, and where a block of code drops them', async () => {
    const world = await setupWithRows({
      migrations: {
        '001_a': [
          'create schema app; create table app.customers (id serial, name text, parts int); create table app.orders (id serial, customer_id int, note text, boss int);',
          'drop schema app cascade;',
        ],
        '002_b': [
          'create table app.more as select 1 as x;',
          `do $$ begin execute 'drop table app.' || 'more'; end $$;`,
        ],
      },
    });
    await world.open().rollback();
    await world.open().rollback();
    const saved = world.events.filter((event) => event.kind === 'rows-saved');
    expect(saved.map(({ tables }) => tables)).toEqual([
      [{ table: 'app.more', rows: 1 }],
      [
        { table: 'app.customers', rows: 3 },
        { table: 'app.orders', rows: 2 },
      ],
    ]);
    expect(await world.ledger()).toEqual([]);
  });

  it('of a table that stays, but loses a column or its rows, come back beside it', async ({ skip }) => {
    skip(!hasPsql, 'there is no psql on this machine');
    const world = await setup({
      migrations: {
        '001_a': [
          'create schema app; create table app.a (id int); create table app.b (id int);',
          'drop schema app cascade;',
        ],
        '002_b': ['alter table app.a add column extra text;', 'alter table app.a drop column extra; truncate app.b;'],
      },
    });
    await world.open().migrate();
    await world.database.query(`insert into app.a values (1, 'kept'); insert into app.b values (7)`);
    await world.open().rollback();
    const saved = savedOf(world.events);
    expect(saved).toMatchObject({
      method: 'copy',
      tables: [
        { table: 'app.a', rows: 1 },
        { table: 'app.b', rows: 1 },
      ],
    });
    await restore(world, saved.restore);
    expect(await world.database.query('select id, extra from app.a_saved')).toEqual([{ id: 1, extra: 'kept' }]);
    expect(await world.database.query('select id from app.b_saved')).toEqual([{ id: 7 }]);
    expect(await world.database.query('select id from app.a')).toEqual([{ id: 1 }]);
  });

  it('of partitions are saved with the whole', async ({ skip }) => {
    skip(!hasPsql, 'there is no psql on this machine');
    const world = await setup({
      migrations: {
        '001_a': [
          'create schema app; create table app.whole (id int) partition by range (id); create table app.low partition of app.whole for values from (0) to (10);',
          'drop table app.whole; drop schema app;',
        ],
      },
    });
    await world.open().migrate();
    await world.database.query('insert into app.whole values (1), (2)');
    await world.open().rollback();
    expect(savedOf(world.events)).toMatchObject({ tables: [{ table: 'app.whole', rows: 2 }] });
    const { directory } = savedOf(world.events);
    expect((await readdir(directory)).sort()).toEqual(['README.txt', 'restore.sql']);
    await world.open().migrate();
    await run('psql', [world.database.url, '--no-psqlrc', '--quiet', '-f', path.join(directory, 'restore.sql')]);
    expect(await world.database.query('select id from app.low order by id')).toEqual([{ id: 1 }, { id: 2 }]);
  });
});

/** The rollback then saves in the other way. */
function rollBackWithoutPgDump(world: World): Promise<unknown> {
  return withPgDump('exit 1', () => world.open().rollback());
}
