/** Histories of Flyway and of tools that keep less: what of them is taken over, and what is refused. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { crc32OfLines } from '../../../src/migrator/takeover/foreign-checksum.ts';
import { setup } from './takeover-world.ts';
import { problemOf } from './world.ts';

const sha = (kind: string, text: string) => createHash(kind).update(text).digest('hex');

describe('Flyway', () => {
  const files = {
    'V1__base.sql': 'create table t1 ();\n',
    'V1.1__more.sql': 'create table t2 ();\r\n-- é\r\n',
    'V1.10__last.sql': 'create table t3 ();',
    'R__seen.sql': 'create or replace view seen as select 1 as one;',
    'R__other.sql': 'create or replace view other as select 2 as two;',
  };
  const table = `create table public.flyway_schema_history (installed_rank integer not null primary key, version varchar(50),
    description varchar(200) not null, type varchar(20) not null, script varchar(1000) not null, checksum integer,
    installed_by varchar(100) not null, installed_on timestamp not null default now(), execution_time integer not null, success boolean not null);
    set timezone = 'UTC';`;
  const crc = (name: keyof typeof files) => crc32OfLines(files[name]);
  const rows = (...values: string[]) =>
    `${table} insert into flyway_schema_history values ${values.join(', ')}; create table t1 (); create table t2 ();`;

  it('is taken over with times and checksums; what changed of its repeatable ones is run again', async () => {
    const history = rows(
      `(1, '1', 'base', 'SQL', 'V1__base.sql', ${crc('V1__base.sql')}, 'app', '2024-01-01 08:00', 12, true)`,
      `(2, '1.1', 'more', 'SQL', 'V1.1__more.sql', ${crc('V1.1__more.sql')}, 'app', '2024-01-02 08:00', 7, true)`,
      `(3, null, 'seen', 'SQL', 'R__seen.sql', ${crc('R__seen.sql')}, 'app', '2024-01-02 08:00', 7, true)`,
      `(4, null, 'other', 'SQL', 'R__other.sql', 42, 'app', '2024-01-02 08:00', 7, true)`,
    );
    const world = await setup({ files, history });
    expect(await world.importing()).toMatchObject({ tool: 'flyway', pending: ['1.10_last'] });
    expect(await world.ledger()).toEqual([
      '1 base import:flyway (tester) 12ms 2024-01-01 08:00',
      '1.1 more import:flyway (tester) 7ms 2024-01-02 08:00',
      'R__seen seen import:flyway (tester) 7ms 2024-01-02 08:00',
    ]);
    expect((await world.open().migrate()).map(({ version }) => version)).toEqual(['1.10', 'R__other']);
  });

  it('files that differ from its checksums are refused, or accepted where that is meant', async () => {
    const history = rows(`(1, '1', 'base', 'SQL', 'V1__base.sql', 17, 'app', now(), 12, true)`);
    const world = await setup({ files, history });
    expect(await problemOf(world.importing())).toEqual({
      code: 'history-checksum-mismatch',
      message: '1 file differs from what flyway applied, by its own checksums',
      found: 'migrations/app/V1__base.sql',
      expected: 'the files as they were when they were applied',
      next: 'restore them from version control; or, if the edits are meant, run the same command with --accept-edits',
      retry: 'stop',
    });
    expect((await world.importing({ edits: 'accepted' })).recorded).toEqual([
      { version: '1', name: 'base', appliedAt: expect.any(String), checksum: 'differs' },
    ]);
    expect((await world.open().plan()).problems).toEqual([]);
  });

  it('a baseline stands for what is before it, an undone version is pending, a failed one is refused', async () => {
    const baseline = `(1, '1.1', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', null, 'app', now(), 0, true)`;
    const world = await setup({
      files,
      history: rows(
        baseline,
        `(2, '1.10', 'last', 'SQL', 'V1.10__last.sql', ${crc('V1.10__last.sql')}, 'app', now(), 1, true)`,
        `(3, '1.10', 'last', 'UNDO_SQL', 'U1.10__last.sql', 1, 'app', now(), 1, true)`,
      ),
    });
    const { recorded, pending } = await world.importing();
    expect(recorded.map(({ version }) => version)).toEqual(['1', '1.1']);
    expect(pending).toEqual(['1.10_last']);
    const failed = await setup({
      files,
      history: rows(`(1, '1', 'base', 'SQL', 'V1__base.sql', 1, 'app', now(), 12, false)`),
    });
    expect(await problemOf(failed.importing())).toMatchObject({ code: 'history-dirty' });
  });
});

describe('tools with less to keep', () => {
  it('tern: everything up to its number', async () => {
    const files = {
      '001_a.sql': 'create table t1 ();\n---- create above / drop below ----\ndrop table t1;',
      '002_b.sql': 'create table t2 ();\n---- create above / drop below ----\n',
    };
    const world = await setup({
      files,
      history:
        'create table public.schema_version (version int4 not null); insert into schema_version values (1); create table t1 ()',
    });
    expect(await world.importing()).toMatchObject({ tool: 'tern', recorded: [{ version: '001' }], pending: ['002_b'] });
  });

  it('node-pg-migrate: by the names of its files', async () => {
    const files = { '1700000000000_a.sql': '-- Up Migration\ncreate table t1 ();\n-- Down Migration\ndrop table t1;' };
    const history = `create table public.pgmigrations (id serial primary key, name varchar(255) not null, run_on timestamp not null);
      insert into pgmigrations (name, run_on) values ('1700000000000_a', '2024-05-05 05:05')`;
    const world = await setup({ files, history });
    expect(await world.importing()).toMatchObject({
      tool: 'node-pg-migrate',
      recorded: [{ version: '1700000000000', name: 'a' }],
    });
    const other = await setup({ files, history: `${history}, ('1600000000000_gone', now())` });
    expect(await problemOf(other.importing())).toMatchObject({
      code: 'history-without-file',
      found: '1600000000000_gone',
    });
  });

  it('Prisma: by name and sha256, passing by what was rolled back', async () => {
    const text = 'create table t1 ();\n';
    const table = `create table public._prisma_migrations (id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
      migration_name varchar(255) not null, logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count integer not null default 0);`;
    const files = {
      '20240101000000_init/migration.sql': text,
      '20240201000000_next/migration.sql': 'create table t2 ();',
    };
    const applied = `${table} insert into _prisma_migrations (id, checksum, finished_at, migration_name, rolled_back_at, started_at) values
      ('a', 'x', null, '20240101000000_init', now(), '2024-01-01 00:00Z'),
      ('b', '${sha('sha256', text)}', '2024-01-01 01:00:02Z', '20240101000000_init', null, '2024-01-01 01:00Z')`;
    const world = await setup({ files, history: `${applied}; create table t1 ()` });
    expect(await world.importing()).toMatchObject({
      tool: 'prisma',
      recorded: [{ checksum: 'matches' }],
      pending: ['20240201000000_next'],
    });
    expect(await world.ledger()).toEqual(['20240101000000 init import:prisma (tester) 2000ms 2024-01-01 01:00']);
    expect((await world.open().migrate()).map(({ version }) => version)).toEqual(['20240201000000']);
    const failed = await setup({ files, history: `${applied}, ('c', 'y', null, '20240201000000_next', null, now())` });
    expect(await problemOf(failed.importing())).toMatchObject({
      code: 'history-dirty',
      message: 'Prisma failed in 20240201000000_next, and nobody has said since what it left',
    });
  });

  it('drizzle: by the times of its journal and its hashes, from a schema of its own', async () => {
    const text = 'CREATE TABLE "t1" ();--> statement-breakpoint\nCREATE TABLE "t1b" ();';
    const journal = {
      entries: [
        { idx: 0, when: 1700000000001, tag: '0000_one' },
        { idx: 1, when: 1700000000002, tag: '0001_two' },
      ],
    };
    const files = {
      '0000_one.sql': text,
      '0001_two.sql': 'CREATE TABLE t2 ();',
      'meta/_journal.json': JSON.stringify(journal),
    };
    const history = `create schema drizzle; create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
      insert into drizzle.__drizzle_migrations (hash, created_at) values ('${sha('sha256', text)}', 1700000000001)`;
    const world = await setup({ files, history });
    expect(await world.importing()).toMatchObject({
      tool: 'drizzle',
      table: 'drizzle.__drizzle_migrations',
      recorded: [{ version: '0000', checksum: 'matches' }],
      pending: ['0001_two'],
    });
    expect((await world.open().migrate()).map(({ version }) => version)).toEqual(['0001']);
  });

  it('sqlx: by number and sha384', async () => {
    const text = 'create table t1 ();\n';
    const history = `create table public._sqlx_migrations (version bigint primary key, description text not null, installed_on timestamptz not null default now(),
      success boolean not null, checksum bytea not null, execution_time bigint not null);
      insert into _sqlx_migrations values (1, 'a', now(), true, decode('${sha('sha384', text)}', 'hex'), 3000000)`;
    const world = await setup({ files: { '1_a.sql': text, '2_b.sql': 'create table t2 ();' }, history });
    expect(await world.importing()).toMatchObject({
      tool: 'sqlx',
      recorded: [{ checksum: 'matches' }],
      pending: ['2_b'],
    });
    expect(await world.ledger()).toEqual(['1 a import:sqlx (tester) 3ms now']);
  });

  it('graphile-migrate, refinery and Rails', async () => {
    const graphile = await setup({
      files: { 'committed/000001.sql': '--! Previous: -\n--! Hash: sha1:a\n\nselect 1;' },
      history: `create schema graphile_migrate; create table graphile_migrate.migrations (hash text primary key,
        previous_hash text references graphile_migrate.migrations, filename text not null, date timestamptz not null default now());
        insert into graphile_migrate.migrations values ('sha1:a', null, '000001.sql', '2024-01-01Z')`,
    });
    expect(await graphile.importing()).toMatchObject({ tool: 'graphile-migrate', recorded: [{ version: '000001' }] });
    const refinery = await setup({
      files: { 'V1__a.sql': 'select 1;' },
      history: `create table refinery_schema_history (version int4 primary key, name varchar(255), applied_on varchar(255), checksum varchar(255));
        insert into refinery_schema_history values (1, 'a', '2024-01-01T00:00:00.123456789Z', '123')`,
    });
    expect(await refinery.importing()).toMatchObject({
      tool: 'refinery',
      recorded: [{ appliedAt: '2024-01-01T00:00:00.123Z' }],
    });
    const rails = await setup({
      files: { '20240101000000_a.up.sql': 'select 1;' },
      history: `create table schema_migrations (version varchar primary key); create table ar_internal_metadata (key varchar primary key, value varchar);
        insert into schema_migrations values ('20240101000000')`,
    });
    expect(await rails.importing()).toMatchObject({
      tool: 'rails',
      renamedTo: 'public.schema_migrations_before_drydock',
    });
  });
});
