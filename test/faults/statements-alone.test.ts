/**
 * Files with statements outside of transactions, cut off at every point by killing the process, the backend or the server: a
 * rerun finds in the database what was done, does the rest, and builds nothing twice.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { kinds, type Migrations, problemOf, setup, until, type World } from '../postgres/migrator/world.ts';
import { type RunningCli, startCli } from '../support/processes.ts';

const SCHEMA = ['create schema app;', 'drop schema app;'] as const;
const ITEMS = [
  `create table app.items (id int, n int);
   insert into app.items select generate_series(1, 1000);
   create index items_dropped on app.items (id);
   create table app.whole (id int) partition by range (id);
   create table app.low partition of app.whole for values from (0) to (10);`,
  'drop table app.items; drop table app.whole;',
] as const;

function start(world: World, verb = 'migrate', options: object = {}): RunningCli {
  const args = ['test/support/migrate-process.ts', world.database.url, world.root, verb, JSON.stringify(options)];
  return startCli(args);
}

async function killed(running: RunningCli): Promise<void> {
  running.child.kill('SIGKILL');
  await running.ended;
}

/** Keeps the ledger from being written until it is let go: what has been done cannot be recorded meanwhile. */
async function heldLedger(world: World): Promise<() => Promise<void>> {
  const holder = await world.database.connect();
  await holder.query('begin; lock table app.schema_migrations in share mode');
  return async () => void (await holder.query('commit'));
}

/** A snapshot and locks of a reader, that every CONCURRENTLY has to wait for. */
async function heldSnapshot(world: World): Promise<() => Promise<void>> {
  const holder = await world.database.connect();
  await holder.query('begin isolation level repeatable read; select from app.items; select from app.whole');
  return async () => void (await holder.query('rollback'));
}

const oid = async (world: World, name: string) =>
  (await world.database.query<{ oid: string }>('select to_regclass($1)::oid::text as oid', [name]))[0]!.oid;
const backendsGone = (world: World) =>
  until(
    async () =>
      (
        await world.database.query(
          `select from pg_stat_activity where application_name = 'drydock:cli:process' and datname = current_database()`,
        )
      ).length === 0,
  );

const recording = /"kind":"lock-timeout","doing":"recording 003/;

/** The third migration is begun with the first two applied, and killed when it has done its work and not recorded it. */
async function killedBeforeRecording(third: Migrations[string]): Promise<World> {
  const world = await setup({ migrations: { '001_schema': SCHEMA, '002_items': ITEMS } });
  await world.open().migrate();
  await world.database.query('create table public.gate ()');
  await world.write('003_alone.up.sql', third[0]);
  await world.write('003_alone.down.sql', third[1]);
  // The row is made first, and everybody else is kept out of the ledger only after that.
  const begun = start(world, 'migrate', { lockPolicy: { lockTimeoutMs: 300 } });
  const letGoOfSnapshot = await heldSnapshot(world);
  await until(async () => (await world.ledger()).length === 3);
  const letGo = await heldLedger(world);
  await letGoOfSnapshot();
  await world.database.query('insert into public.gate default values');
  await begun.until(recording);
  await killed(begun);
  await letGo();
  await backendsGone(world);
  expect((await world.ledger()).at(-1)).toMatch(/unfinished$/);
  return world;
}

describe('killed between the statement and its record', () => {
  it('an index that was built is adopted, not built again', async () => {
    const world = await killedBeforeRecording(['create index concurrently items_id on app.items (id);', 'select 1;']);
    const before = await oid(world, 'app.items_id');
    await world.open().migrate();
    expect(kinds(world.events)).toContain('index-adopted');
    expect(await oid(world, 'app.items_id')).toBe(before);
    expect((await world.ledger()).at(-1)).toBe('003 1/1');
  });

  it('an index of that name that is another one is refused with both definitions', async () => {
    const world = await killedBeforeRecording(['create index concurrently items_id on app.items (id);', 'select 1;']);
    await world.database.query('drop index app.items_id; create unique index items_id on app.items (id) where id > 0');
    expect(await problemOf(world.open().migrate())).toEqual({
      code: 'index-differs',
      message: 'applying 003_alone: index "app"."items_id" is there, and is another one than the file asks for',
      found: [
        'CREATE UNIQUE INDEX items_id ON app.items USING btree (id) WHERE (id > 0)',
        'migrations/app/003_alone.up.sql:1:1',
        '  1 | create index concurrently items_id on app.items (id);',
        '      ^',
      ].join('\n'),
      expected: 'an index of that name with the same columns, or none',
      next: 'drop that index or give the one in migrations/app/003_alone.up.sql another name, then run the same command again',
      retry: 'stop',
    });
  });

  it('a block that commits by itself is in doubt: it is named, and somebody has to say what became of it', async () => {
    const world = await killedBeforeRecording([
      `-- drydock:no-transaction
       do $$ begin
         loop commit; exit when exists (select from public.gate); perform pg_sleep(0.02); end loop;
         for n in 1 .. 2 loop insert into app.items values (-n); commit; end loop;
       end $$;`,
      'select 1;',
    ]);
    const count = async () => (await world.database.query('select from app.items where id < 0')).length;
    expect(await count()).toBe(2);
    const problem = await problemOf(world.open().migrate());
    expect(problem).toMatchObject({
      code: 'statement-in-doubt',
      message:
        'applying 003_alone: an earlier attempt may have run this statement, and nothing in the database says whether it has',
      next: 'run the same command again with --in-doubt assume-done if it is done, or with --in-doubt run-again if it may be run once more',
    });
    expect(problem.found).toMatch(/^migrations\/app\/003_alone\.up\.sql:2:8\n {2}2 \| {8}do \$\$ begin\n/);
    expect(await count()).toBe(2);
    await world.open({ inDoubt: 'assume-done' }).migrate();
    expect(await count()).toBe(2);
    expect((await world.ledger()).at(-1)).toBe('003 1/1');
  });

  it('such a block is run once more where somebody says so', async () => {
    const world = await killedBeforeRecording([
      `-- drydock:no-transaction
       do $$ begin
         loop commit; exit when exists (select from public.gate); perform pg_sleep(0.02); end loop;
         insert into app.items values (-1);
       end $$;`,
      'select 1;',
    ]);
    await world.open({ inDoubt: 'run-again' }).migrate();
    expect((await world.database.query('select from app.items where id < 0')).length).toBe(2);
    expect((await world.ledger()).at(-1)).toBe('003 1/1');
  });

  it.each([
    [
      'an index that was dropped',
      'drop index concurrently app.items_dropped;',
      `select to_regclass('app.items_dropped') is null as done`,
    ],
    [
      'a partition that was detached',
      'alter table app.whole detach partition app.low concurrently;',
      `select not exists (select from pg_inherits where inhrelid = 'app.low'::regclass) as done`,
    ],
  ])('%s is found to be', async (_, up, question) => {
    const world = await killedBeforeRecording([up, 'select 1;']);
    expect(await world.database.query(question)).toEqual([{ done: true }]);
    await world.open().migrate();
    expect(world.events).toContainEqual({
      kind: 'statement-done-already',
      doing: 'applying 003_alone',
      line: 1,
      how: 'found',
    });
    expect((await world.ledger()).at(-1)).toBe('003 1/1');
  });

  it('what can be in a transaction is recorded with it, in a file that asks for none', async () => {
    const world = await killedBeforeRecording([
      `-- drydock:no-transaction
       create table app.first ();
       create index concurrently items_n on app.items (n);
       create table app.third ();`,
      'select 1;',
    ]);
    expect((await world.ledger()).at(-1)).toBe('003 1/3 unfinished');
    await world.open().migrate();
    expect((await world.ledger()).at(-1)).toBe('003 3/3');
    expect(kinds(world.events).filter((kind) => kind === 'index-adopted')).toHaveLength(1);
  });
});

describe('a block of a mirror that commits by itself, killed between two commits', () => {
  it('has its rows on the disk already, and the rest of them when it is run again', async () => {
    // Numbers of a sequence are not taken back: the block is tried with the first, and killed with the second.
    const world = await setup({
      migrations: {
        '001_schema': SCHEMA,
        '002_t': [
          "create table app.t (id int primary key, name text); insert into app.t values (1, 'one'), (2, 'two');",
          `-- drydock:no-transaction
           do $$ begin
             delete from app.t where id = 1; commit;
             if nextval('public.runs') = 2 then perform pg_sleep(600); end if;
             delete from app.t; commit; drop table app.t;
           end $$;`,
        ],
      },
    });
    await world.database.query('create sequence public.runs');
    await world.open().migrate();
    const running = start(world, 'rollback');
    await until(async () => (await world.database.query('select from app.t')).length === 1);
    await killed(running);
    await backendsGone(world);
    const savedBelow = path.join(world.root, 'saved');
    expect(await readdir(savedBelow)).toEqual([expect.stringMatching(/-002_t$/)]);
    expect(await problemOf(world.open().rollback())).toMatchObject({ code: 'statement-in-doubt' });
    await world.open({ inDoubt: 'run-again' }).rollback();
    const saved = world.events.filter((event) => event.kind === 'rows-saved');
    expect(saved).toMatchObject([{ tables: [{ table: 'app.t', rows: 1 }] }]);
    expect(await readdir(savedBelow)).toHaveLength(2);
    expect(await world.ledger()).toEqual(['001 1/1']);
  });
});
