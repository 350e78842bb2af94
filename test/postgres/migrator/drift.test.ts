/** What was changed by hand since the last run is told by `status`, and nothing else is: what Drydock and the server do is no drift. */
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../src/migrator/fingerprint.ts';
import type { Drift } from '../../../src/model/drift.ts';
import { onCluster } from '../../support/postgres.ts';
import { type Migrations, problemOf, SIMPLE, setup, type World } from './world.ts';

const driftOf = async (world: World): Promise<Drift> => (await world.open().status()).drift;

/** `change kind id`, in order. */
async function lines(world: World): Promise<string[]> {
  const drift = await driftOf(world);
  if (drift.kind !== 'drifted') return [drift.kind === 'none' ? 'none' : drift.why];
  return drift.differences.map(({ change, kind, id }) => `${change} ${kind} ${id}`);
}

const migrated = async (migrations: Migrations = SIMPLE): Promise<World> => {
  const world = await setup({ migrations });
  await world.open().migrate();
  return world;
};

describe('a schema that was changed by hand', () => {
  it('is told object by object, with its table and both definitions', async () => {
    const world = await migrated();
    expect(await driftOf(world)).toEqual({ kind: 'none' });
    await world.database.query(`
      alter table app.parents add column extra text;
      drop index app.parents_name;
      create table app.mine (id int);
      alter table app.children alter parent_id drop not null;
      grant select on app.parents to pg_monitor`);
    expect(await driftOf(world)).toEqual({
      kind: 'drifted',
      differences: [
        {
          change: 'changed',
          kind: 'column',
          id: 'app.children.parent_id',
          table: 'app.children',
          before: 'integer not null',
          now: 'integer',
        },
        expect.objectContaining({ change: 'added', kind: 'table', id: 'app.mine', table: 'app.mine' }),
        expect.objectContaining({ change: 'added', kind: 'column', id: 'app.mine.id', table: 'app.mine' }),
        expect.objectContaining({ change: 'changed', kind: 'table', id: 'app.parents', table: 'app.parents' }),
        expect.objectContaining({ change: 'added', kind: 'column', id: 'app.parents.extra', before: null }),
        {
          change: 'missing',
          kind: 'index',
          id: 'app.parents_name',
          table: 'app.parents',
          before: 'CREATE INDEX parents_name ON app.parents USING btree (name)',
          now: null,
        },
      ],
    });
  });

  it.each([
    ['comment on column app.parents.name is $$c$$', 'changed column app.parents.name'],
    ['create sequence app.s', 'added sequence app.s'],
    ['alter table app.parents disable trigger all', /^added trigger app\.parents/],
    ['create type app.mood as enum ($$sad$$)', 'added enum app.mood'],
    ['create view app.v as select 1 as x', 'added view app.v'],
    ['create policy p on app.parents using (true)', 'added policy app.parents.p'],
    ['create rule r as on delete to app.parents do instead nothing', 'added rule app.parents.r'],
    ['create statistics app.st on id, name from app.parents', 'added statistics app.st'],
    ['alter default privileges in schema app grant select on tables to pg_monitor', /^added default privileges app/],
    ['create collation app.c from "C"', 'added other collation app.c'],
    ['create domain app.d as int', 'added domain app.d'],
    ['alter table app.parents alter name set default $$x$$', 'changed column app.parents.name'],
    ['alter table app.parents rename constraint parents_pkey to p', /constraint app\.parents/],
  ])('as by: %s', async (sql, line) => {
    const world = await migrated();
    await world.database.query(sql.replaceAll('$$', `'`));
    const found = await lines(world);
    expect(found).toContainEqual(typeof line === 'string' ? line : expect.stringMatching(line));
  });
});

describe('what is no drift', () => {
  it.each([
    ['analyze', 'analyze'],
    ['sequences that advance', `select nextval('app.counted_id_seq')`],
    ['a REINDEX', 'reindex schema app'],
    ['a TRUNCATE', 'truncate app.parents cascade'],
    ['VACUUM FULL', 'vacuum full app.parents'],
    ['CLUSTER', 'cluster app.parents using parents_pkey; alter table app.parents set without cluster'],
    ['rows', `insert into app.parents values (1, 'x')`],
    ['a change that was taken back', 'alter table app.parents add column x int; alter table app.parents drop column x'],
    ['other schemas', 'create schema elsewhere; create table elsewhere.t (id int)'],
    [
      'another search path and time zone of the database',
      `do $$ begin
       execute format('alter database %I set search_path = app', current_database());
       execute format('alter database %I set timezone = %L', current_database(), 'Asia/Tokyo');
       execute format('alter database %I set intervalstyle = %L', current_database(), 'iso_8601'); end $$`,
    ],
  ])('%s', async (_, sql) => {
    const world = await migrated({
      ...SIMPLE,
      '004_counted': [
        `create table app.counted (id serial, made timestamptz default '2020-01-01 00:00+00', every interval default '1 day 02:00');`,
        'drop table app.counted;',
      ],
    });
    await world.database.query(sql);
    expect(await lines(world)).toEqual(['none']);
  });

  it('a partition that a job makes is told as what it is: a new table', async () => {
    const world = await migrated({
      '001_a': [
        'create schema app; create table app.log (id int, at date) partition by range (at);',
        'drop table app.log; drop schema app;',
      ],
    });
    await world.database.query(
      `create table app.log_2026 partition of app.log for values from ('2026-01-01') to ('2027-01-01')`,
    );
    expect(await lines(world)).toContain('added table app.log_2026');
  });
});

describe('what the last run left is kept', () => {
  it('once, in the newest row, whichever row that is', async () => {
    const world = await migrated();
    const kept = () =>
      world.database.query(
        `select version, catalog_mark is not null as mark, catalog_after is not null as after from app.schema_migrations order by version`,
      );
    expect(await kept()).toEqual([
      { version: '001', mark: false, after: false },
      { version: '002', mark: false, after: false },
      { version: '003', mark: true, after: true },
    ]);
    await world.open().rollback();
    expect(await kept()).toEqual([
      { version: '001', mark: false, after: false },
      { version: '002', mark: true, after: true },
    ]);
    expect(await lines(world)).toEqual(['none']);
    await world.open().rollback();
    expect(await lines(world)).toEqual(['none']);
    await world.open().rollback();
    expect(await lines(world)).toEqual(['no-ledger']);
    await world.open().reset();
    expect(await lines(world)).toEqual(['none']);
  });

  it('as the very objects that a fingerprint has', async () => {
    const world = await migrated();
    const client = await world.database.connect();
    const { objects } = await fingerprint(client, { schemas: ['app'], ledgerSchema: 'app' });
    const [row] = await world.database.query<{ objects: unknown }>(
      `select (select json_agg(json_build_object('kind', o ->> 0, 'id', o ->> 1, 'definition', o ->> 2)) from json_array_elements(catalog_after) o) as objects
         from app.schema_migrations where catalog_mark is not null`,
    );
    expect(row!.objects).toEqual(objects);
  });

  it('with one migration at a time, as a run on Temporal asks for them', async () => {
    const world = await setup();
    const migrator = world.open();
    const plan = await migrator.plan();
    for (const { file } of plan.pending) {
      await migrator.applyOne({ version: file.version, upChecksum: file.up.checksum });
      expect(await lines(world)).toEqual(['none']);
    }
    const { file } = plan.pending.at(-1)!;
    await migrator.undo({ version: file.version, downChecksum: file.down!.checksum });
    expect(await lines(world)).toEqual(['none']);
  });

  it('also where a later migration fails, and where one of several parts does', async () => {
    const world = await setup({
      migrations: {
        ...SIMPLE,
        '004_parts': [
          'create table app.first (id int);\ncreate index concurrently first_id on app.first (id);\ncreate table app.second (id nonsense);',
          'drop table if exists app.second; drop table app.first;',
        ],
      },
    });
    await problemOf(world.open().migrate());
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1', '003 1/1', '004 2/3 unfinished']);
    expect(await lines(world)).toEqual(['none']);
    await world.open().rollback();
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1', '003 1/1']);
    expect(await lines(world)).toEqual(['none']);
  });

  it('with the last part of a migration whose last statement no transaction holds, and after its mirror', async () => {
    const world = await migrated({
      ...SIMPLE,
      '004_index': [
        'create index concurrently children_parent on app.children (parent_id);',
        'drop index concurrently app.children_parent;',
      ],
      '005_both': [
        'create table app.more (id int);\ncreate index concurrently more_id on app.children (id);',
        'drop table app.more;\ndrop index concurrently app.more_id;',
      ],
    });
    expect(await lines(world)).toEqual(['none']);
    await world.open().rollback();
    expect(await lines(world)).toEqual(['none']);
    await world.open().rollback();
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1', '003 1/1']);
    expect(await lines(world)).toEqual(['none']);
  });

  it('where a file leaves settings behind that change how names and constants print', async () => {
    const world = await migrated({
      '001_a': [
        `create schema app; set search_path = app, public; set timezone = 'Asia/Tokyo';
         create table t (id int primary key, at timestamptz default '2020-01-01 00:00+00');`,
        'drop schema app cascade;',
      ],
    });
    expect(await lines(world)).toEqual(['none']);
  });

  it('and what was changed by hand stays known when there is nothing to migrate', async () => {
    const world = await migrated();
    await world.database.query('create table app.mine (id int)');
    await world.open().migrate();
    expect(await lines(world)).toContain('added table app.mine');
  });
});

describe('it is not known what was changed by hand', () => {
  it('where the run was cut off before it could say', async () => {
    const world = await migrated();
    // As a killed process leaves it: the ledger moved on, and nobody kept the catalog.
    await world.database.query(`create table app.fourth (id int);
      insert into app.schema_migrations (version, name, up_checksum, started_at, parts_done, parts_total, duration_ms, applied_by, drydock_version)
      values ('004', 'fourth', 'x', now(), 1, 1, 1, 'x', 'x')`);
    expect(await lines(world)).toEqual(['cut-off']);
  });

  it('where the ledger is from before catalogs were kept; the next run adds what is missing', async () => {
    const world = await migrated();
    await world.database.query('alter table app.schema_migrations drop column catalog_mark, drop column catalog_after');
    expect(await lines(world)).toEqual(['never-kept']);
    await world.open().migrate();
    expect(await lines(world)).toEqual(['never-kept']);
    await world.open().rollback();
    expect(await lines(world)).toEqual(['none']);
  });

  it('where another version kept it and something is different', async () => {
    const world = await migrated();
    await world.database.query(
      `update app.schema_migrations set catalog_mark = (catalog_mark::jsonb || '{"format": "older"}')::json where catalog_mark is not null`,
    );
    expect(await lines(world)).toEqual(['none']);
    await world.database.query('create table app.mine (id int)');
    expect(await lines(world)).toEqual(['other-version']);
  });
});

it('keeping the catalog never makes a migration fail', async () => {
  const world = await setup();
  await world.open().migrate();
  // A ledger whose column was taken for something else.
  await world.database.query(
    `alter table app.schema_migrations drop column catalog_after; alter table app.schema_migrations add column catalog_after int`,
  );
  await world.open().rollback();
  expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  expect(await lines(world)).toEqual(['never-kept']);
});

it('a role that may only read the ledger and the schema can ask', async () => {
  const world = await migrated();
  const role = `reader_${world.database.name}`;
  await onCluster(`create role ${role} login password 'r'`);
  try {
    await world.database.query(
      `grant usage on schema app to ${role}; grant select on app.schema_migrations to ${role}`,
    );
    const url = new URL(world.database.url);
    url.username = role;
    url.password = 'r';
    const found = await world.open({ url: url.href }).status();
    expect(found.drift).toMatchObject({
      kind: 'drifted',
      differences: [{ change: 'changed', kind: 'schema', id: 'app' }],
    });
  } finally {
    await world.database.query(`drop owned by ${role}`);
    await onCluster(`drop role ${role}`);
  }
});
