/** A schema compared with what its files make, and two databases: nothing of either is changed, and nothing is left behind. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { diffDatabases, diffWithLedger } from '../../../src/migrator/drift/diff.ts';
import { fingerprint } from '../../../src/migrator/fingerprint.ts';
import type { MigratorOptions } from '../../../src/migrator/migrator.ts';
import { findPgDump } from '../../../src/migrator/pg-dump.ts';
import type { SqlFile } from '../../../src/migrator/sql-file.ts';
import type { SchemaDiff } from '../../../src/model/drift.ts';
import { diffText } from '../../../src/report/migrator/diff-text.ts';
import { freshDatabase, onCluster } from '../../support/postgres.ts';
import { problemOf, SIMPLE, setup, type World } from './world.ts';

const dumped = (await findPgDump(inject('postgres').binaries.major)) !== undefined;

function optionsOf(world: World): MigratorOptions {
  return {
    url: world.database.url,
    root: world.root,
    directory: 'migrations/app',
    schemas: ['app'],
    ledgerSchema: 'app',
    owner: { appliedBy: 'tester', runId: null },
    claim: { kind: 'standalone' },
  };
}

async function diff(world: World, changes: Partial<Parameters<typeof diffWithLedger>[0]> = {}): Promise<SchemaDiff> {
  const { name, query } = world.database;
  // Settings of a database go along with it: by this one its throw-away databases are known.
  await query(`alter database ${name} set drydock_test.target = '${name}'`);
  return diffWithLedger({
    target: optionsOf(world),
    on: { kind: 'same-server' },
    environment: undefined,
    startEmbedded: undefined,
    stub: null,
    declaredStub: null,
    roles: 'compared',
    ...changes,
  });
}

const throwAways = ({ database }: World) =>
  database.query(
    `select d.datname from pg_database d join pg_db_role_setting s on s.setdatabase = d.oid
      where d.datname <> $1 and 'drydock_test.target=' || $1 = any (s.setconfig)`,
    [database.name],
  );

/** The text without the names of this test's databases. */
const shown = (world: World, found: SchemaDiff): string =>
  diffText(found).replaceAll(found.now, 'HERE').replaceAll(world.database.name, 'DB');

describe('a database and the files of its ledger', () => {
  it('are the same after a migration, and nothing is left on the server', async () => {
    const world = await setup();
    await world.open().migrate();
    const found = await diff(world);
    expect(found).toMatchObject({ kind: 'ledger', before: 'the files of 3 migrations', differences: [], notes: [] });
    expect(found.digestBefore).toBe(found.digestNow);
    expect(shown(world, found)).toBe('schema app of HERE, compared with the files of 3 migrations\nno difference');
    expect(await throwAways(world)).toEqual([]);
  });

  it('differ by what was done by hand, told table by table', async () => {
    const world = await setup({
      migrations: {
        ...SIMPLE,
        '004_function': [
          `create function app.touch() returns trigger language plpgsql as $f$
begin
  new.name := upper(new.name);
  return new;
end $f$;`,
          'drop function app.touch();',
        ],
      },
    });
    await world.open().migrate();
    await world.database.query(`
      alter table app.parents drop column name;
      alter table app.children add column note text, alter parent_id drop not null;
      create table app.mine (id int primary key, x int, y int);
      create type app.mood as enum ('sad');
      create or replace function app.touch() returns trigger language plpgsql as $f$
begin
  new.name := lower(new.name);
  return new;
end $f$`);
    const found = await diff(world);
    expect(shown(world, found).replaceAll(/^(.*)\b[a-z_]+=X\/\S+$/gm, '$1…')).toBe(
      [
        'schema app of HERE, compared with the files of 4 migrations',
        '',
        'app.children: column note is made by no migration',
        'app.children: column parent_id differs',
        '  files:    integer not null',
        '  database: integer',
        'table app.mine is made by no migration, with 3 columns, 1 constraint, 1 index',
        'app.parents: column name is missing',
        'app.parents: index app.parents_name is missing',
        'enum app.mood is made by no migration',
        'function app.touch() differs',
        '  @@ line 5',
        '    begin',
        '  -   new.name := upper(new.name);',
        '  +   new.name := lower(new.name);',
        '      return new;',
        '',
        '12 objects differ: 2 missing, 8 added, 2 changed',
      ].join('\n'),
    );
    expect(await throwAways(world)).toEqual([]);
  });

  it('are compared on top of what the database has besides, or of a stub', async () => {
    const world = await setup({
      migrations: {
        '001_orders': [
          'create schema app; create table app.orders (id int primary key, buyer int references core.users (id));',
          'drop table app.orders; drop schema app;',
        ],
      },
    });
    await world.database.query('create schema core; create table core.users (id int primary key)');
    await world.open().migrate();
    const sql = 'create schema core;\ncreate table core.users (id int primary key);';
    const stub: SqlFile = { path: 'stub.sql', sql, checksum: 'x' };
    expect((await diff(world, { stub })).differences).toEqual([]);
    // What is there besides is told by a dump, where one fits; the newer servers of these tests have none.
    if (dumped) expect((await diff(world)).differences).toEqual([]);
    const wrong: SqlFile = { ...stub, sql: 'create schema core;' };
    expect(await problemOf(diff(world, { stub: wrong }))).toMatchObject({
      code: 'diff-files-do-not-apply',
      message: expect.stringContaining('relation "core.users" does not exist'),
      next: 'complete the stub stub.sql, then run the same command again',
    });
    expect(await throwAways(world)).toEqual([]);
  });

  it('are compared with what the repeatable migrations made, too', async () => {
    const world = await setup();
    const options = { mirrors: 'optional', numbers: 'any' } as const;
    await world.write('R__names.sql', 'create or replace view app.names as select name from app.parents;');
    await world.open(options).migrate();
    const target = { ...optionsOf(world), ...options };
    expect(await diff(world, { target })).toMatchObject({ before: 'the files of 4 migrations', differences: [] });
    await world.database.query('create or replace view app.names as select name, 1 as more from app.parents');
    const found = await diff(world, { target });
    expect(found.differences.map(({ change, id }) => `${change} ${id}`)).toEqual([
      'changed app.names',
      'added app.names.more',
    ]);
    await world.write('R__names.sql', 'create or replace view app.names as select name, 1 as more from app.parents;');
    expect(await problemOf(diff(world, { target }))).toMatchObject({
      code: 'diff-not-possible',
      found: 'R__names: it was edited since it was run',
    });
    expect(await throwAways(world)).toEqual([]);
  });

  it('are compared as if the one who asks had made both', async () => {
    const world = await setup();
    const role = `owner_${world.database.name}`;
    await onCluster(`create role ${role} login superuser password 'o'`);
    try {
      const url = new URL(world.database.url);
      url.username = role;
      url.password = 'o';
      await world.open({ url: url.href }).migrate();
      await world.database.query(`grant select on app.parents to pg_monitor`);
      const found = await diff(world);
      expect(found.differences.map(({ change, id }) => `${change} ${id}`)).toEqual(['changed app.parents']);
      expect((await diff(world, { roles: 'left-out' })).differences).toEqual([]);
    } finally {
      await world.database.query(`reassign owned by ${role} to current_user`);
      await onCluster(`drop role ${role}`);
    }
  });

  it('are not compared where the files are not those that were applied', async () => {
    const world = await setup();
    await world.open().migrate();
    await world.write('002_parents.up.sql', 'create table app.parents (id int);');
    await world.remove('003_children.up.sql');
    await world.remove('003_children.down.sql');
    expect(await problemOf(diff(world))).toEqual({
      code: 'diff-not-possible',
      message: 'what the applied migrations made cannot be made again',
      found: '002_parents: its up file was edited since\n003_children: its files are not on disk',
      expected: 'the up file of every applied migration as it was applied, and none unfinished',
      next: 'use the checkout that was applied; or compare two databases: `diff --with $OTHER_URL`',
      retry: 'stop',
    });
  });

  it('are the same where nothing is applied', async () => {
    const world = await setup();
    const found = await diff(world);
    expect(found).toMatchObject({ before: 'the files of 0 migrations', differences: [] });
  });
});

describe('two databases', () => {
  it('are compared, the other one as the side of reference', async () => {
    const [here, there] = [await freshDatabase(), await freshDatabase()];
    await here.query('create schema app; create table app.a (id int, x text, y text); create table app.here (id int)');
    await there.query('create schema app; create table app.a (id int, y varchar(5)); create table app.there (id int)');
    const scope = { schemas: ['app'], ledgerSchema: 'app', roles: 'compared' as const };
    const found = await diffDatabases({ url: here.url, withUrl: there.url, ...scope });
    const names = (text: string) => text.replaceAll(found.now, 'HERE').replaceAll(found.before, 'THERE');
    expect(names(diffText(found))).toBe(
      [
        'schema app of HERE, compared with THERE',
        '',
        'app.a: column x is only in HERE',
        'app.a: column y differs',
        '  THERE: character varying(5)',
        '  HERE: text',
        'table app.here is only in HERE, with 1 column',
        'table app.there is only in THERE, with 1 column',
        '',
        '6 objects differ: 2 missing, 3 added, 1 changed',
      ].join('\n'),
    );
  });

  it('a column that only moved up is no difference, columns in another order are', async () => {
    const [here, there] = [await freshDatabase(), await freshDatabase()];
    await here.query('create schema app; create table app.a (a int, b int); create table app.b (a int, b int)');
    await there.query('create schema app; create table app.a (z int, a int, b int); create table app.b (b int, a int)');
    const scope = { schemas: ['app'], ledgerSchema: 'app', roles: 'compared' as const };
    const found = await diffDatabases({ url: here.url, withUrl: there.url, ...scope });
    expect(found.differences.map(({ change, id }) => `${change} ${id}`)).toEqual([
      'missing app.a.z',
      'changed app.b.a',
      'changed app.b.b',
    ]);
  });
});

it('the time zone of who looks does not matter', async () => {
  const database = await freshDatabase();
  await database.query(`create schema app; create table app.a (at timestamptz default '2020-01-01 00:00+00')`);
  const [utc, tokyo] = [await database.connect(), await database.connect()];
  await tokyo.query(`set timezone = 'Asia/Tokyo'; set search_path = app; set quote_all_identifiers = on`);
  const scope = { schemas: ['app'], ledgerSchema: 'app' };
  expect((await fingerprint(tokyo, scope)).digest).toBe((await fingerprint(utc, scope)).digest);
});

it('a fingerprint is saved, compared and refused where the file is another', async () => {
  const { compareWithFile, readFingerprintFile, writeFingerprintFile } = await import(
    '../../../src/migrator/drift/fingerprint-file.ts'
  );
  const world = await setup();
  await world.open().migrate();
  const take = async () => {
    const client = await world.database.connect();
    const print = await fingerprint(client, { schemas: ['app'], ledgerSchema: 'app' });
    return { database: 'here', schemas: ['app'], server: 15, takenAt: '2026-01-01T00:00:00.000Z', ...print };
  };
  const file = path.join(world.root, 'print.json');
  await writeFingerprintFile(file, await take());
  const saved = await readFingerprintFile(file);
  expect(compareWithFile(saved, await take(), file).differences).toEqual([]);
  await world.database.query('drop index app.parents_name');
  expect(compareWithFile(saved, await take(), file).differences).toMatchObject([
    { change: 'missing', kind: 'index', id: 'app.parents_name', table: 'app.parents' },
  ]);
  const changed = { ...(await take()), schemas: ['other'] };
  expect(() => compareWithFile(saved, changed, file)).toThrow(`${file} is of other schemas`);
  const older = { ...saved, format: 'older' };
  expect(() => compareWithFile(older, { ...saved, digest: 'x' }, file)).toThrow('another version of Drydock');
  await writeFile(file, JSON.stringify({ ...saved, objects: saved.objects.slice(1) }));
  expect(await problemOf(readFingerprintFile(file))).toMatchObject({
    code: 'fingerprint-file-invalid',
    found: 'its digest is not that of its objects: it was edited',
  });
});
