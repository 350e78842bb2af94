import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { crc32OfLines } from '../../../src/migrator/takeover/foreign-checksum.ts';
import { setup } from './takeover-world.ts';
import { problemOf } from './world.ts';

const pairs = (...versions: string[]) =>
  Object.fromEntries(
    versions.flatMap((version) => [
      [`${version}_t${Number(version)}.up.sql`, `create table t${Number(version)} ();`],
      [`${version}_t${Number(version)}.down.sql`, `drop table t${Number(version)};`],
    ]),
  );

const GOLANG = (version: number, dirty = false) =>
  `create table public.schema_migrations (version bigint not null primary key, dirty boolean not null);
   insert into public.schema_migrations values (${version}, ${dirty}); create table t1 (); create table t2 ();`;

const sha = (kind: string, text: string) => createHash(kind).update(text).digest('hex');

describe('the history of golang-migrate', () => {
  it('is taken over: what it applied is in the ledger, its table is renamed, and migrating goes on', async () => {
    const world = await setup({ files: pairs('000001', '000002', '000003'), history: GOLANG(2) });
    expect(await world.importing()).toEqual({
      outcome: 'imported',
      tool: 'golang-migrate',
      table: 'public.schema_migrations',
      renamedTo: 'public.schema_migrations_before_drydock',
      ledger: 'public.schema_migrations',
      recorded: [
        { version: '000001', name: 't1', appliedAt: null, checksum: 'not-kept' },
        { version: '000002', name: 't2', appliedAt: null, checksum: 'not-kept' },
      ],
      pending: ['000003_t3'],
    });
    expect(await world.ledger()).toEqual([
      '000001 t1 import:golang-migrate (tester) 0ms now',
      '000002 t2 import:golang-migrate (tester) 0ms now',
    ]);
    expect(await world.database.query('select version::int, dirty from schema_migrations_before_drydock')).toEqual([
      { version: 2, dirty: false },
    ]);
    expect((await world.open().migrate()).map(({ version }) => version)).toEqual(['000003']);
    expect(await world.open().rollback()).toMatchObject({ version: '000003', outcome: 'reverted' });
    expect(await world.open().rollback()).toMatchObject({ version: '000002', outcome: 'reverted' });
    expect(await world.database.query(`select to_regclass('t1') is not null as t1, to_regclass('t2') as t2`)).toEqual([
      { t1: true, t2: null },
    ]);
  });

  it('is told where migrating meets it, with the way out', async () => {
    const world = await setup({ files: pairs('1', '2'), history: GOLANG(1) });
    expect(await problemOf(world.open().migrate())).toMatchObject({
      code: 'ledger-foreign',
      next: 'if it is the history of another migration tool, `import` takes it over; else give the ledger another schema, or rename that table',
    });
  });

  it('a second time there is nothing to do', async () => {
    const world = await setup({ files: pairs('1', '2', '3'), history: GOLANG(2) });
    await world.importing();
    await world.open().migrate();
    expect(await world.importing()).toMatchObject({
      outcome: 'already-imported',
      tool: 'golang-migrate',
      recorded: [],
    });
    expect(await world.preview()).toMatchObject({ outcome: 'already-imported' });
    expect(await world.ledger()).toHaveLength(3);
  });

  it('is recorded once by two at once', async () => {
    const world = await setup({ files: pairs('1', '2', '3'), history: GOLANG(2) });
    const both = await Promise.all([world.importing(), world.importing()]);
    expect(both.map(({ outcome }) => outcome).sort()).toEqual(['already-imported', 'imported']);
    expect(await world.ledger()).toHaveLength(2);
  });

  it('a look changes nothing', async () => {
    const world = await setup({ files: pairs('1', '2', '3'), history: GOLANG(2) });
    expect(await world.preview()).toMatchObject({
      outcome: 'would-import',
      renamedTo: 'public.schema_migrations_before_drydock',
      pending: ['3_t3'],
    });
    expect(await world.database.query('select version::int from schema_migrations')).toEqual([{ version: 2 }]);
  });

  it('that is dirty is refused, and left as it is', async () => {
    const world = await setup({ files: pairs('1', '2'), history: GOLANG(2, true) });
    expect(await problemOf(world.importing())).toEqual({
      code: 'history-dirty',
      message: 'golang-migrate stopped inside 2, and nobody has said since what it left',
      found: 'version 2, dirty',
      expected: 'a history in which every migration is whole',
      next: [
        'look at what 2 did, and finish it or take it back by hand',
        'tell golang-migrate with `force`: 2 where it is finished, the version before where it is taken back',
        'then run the same command again',
      ].join('\n'),
      retry: 'stop',
    });
    expect(await world.database.query('select dirty from schema_migrations')).toEqual([{ dirty: true }]);
  });

  it('whose last file is not on disk is refused', async () => {
    const world = await setup({ files: pairs('1', '2'), history: GOLANG(7) });
    expect(await problemOf(world.importing())).toEqual({
      code: 'history-without-file',
      message: 'golang-migrate applied 1 migration of which no file is on disk',
      found: '7',
      expected: 'the file of every migration in the history',
      next: 'use the checkout that this database was migrated with; where old files were squashed away, `baseline` instead',
      retry: 'stop',
    });
  });

  it('that is empty gives an empty ledger', async () => {
    const world = await setup({
      files: pairs('1'),
      history: 'create table public.schema_migrations (version bigint not null primary key, dirty boolean not null)',
    });
    expect(await world.importing()).toMatchObject({ outcome: 'imported', recorded: [], pending: ['1_t1'] });
    expect((await world.open().migrate()).map(({ version }) => version)).toEqual(['1']);
  });

  it('stays where it is when the ledger is elsewhere', async () => {
    const world = await setup({ files: pairs('1', '2'), history: GOLANG(2) });
    const outcome = await world.importing({}, { ledgerSchema: 'ops' });
    expect(outcome).toMatchObject({ renamedTo: null, ledger: 'ops.schema_migrations' });
    expect(await world.database.query('select version from ops.schema_migrations order by 1')).toEqual([
      { version: '1' },
      { version: '2' },
    ]);
    expect(await world.database.query('select dirty from public.schema_migrations')).toEqual([{ dirty: false }]);
  });
});

it('dbmate: every version in its list', async () => {
  const files = {
    '20240101000000_one.sql': '-- migrate:up\ncreate table t1 ();\n-- migrate:down\ndrop table t1;\n',
    '20240201000000_two.sql': '-- migrate:up\ncreate table t2 ();\n-- migrate:down\ndrop table t2;\n',
  };
  const history = `create table public.schema_migrations (version varchar not null primary key);
    insert into public.schema_migrations values ('20240101000000'); create table t1 ();`;
  const world = await setup({ files, history });
  expect(await world.importing()).toMatchObject({
    tool: 'dbmate',
    renamedTo: 'public.schema_migrations_before_drydock',
    pending: ['20240201000000_two'],
  });
  await world.open().migrate();
  expect((await world.ledger()).at(-1)).toBe(
    `20240201000000 two tester ${(await world.ledger()).at(-1)!.split(' ')[3]} now`,
  );
  await world.open().rollback();
  await world.open().rollback();
  expect(await world.database.query(`select to_regclass('t1') as t1, to_regclass('t2') as t2`)).toEqual([
    { t1: null, t2: null },
  ]);
});

describe('goose', () => {
  const files = Object.fromEntries(
    [1, 2, 3].map((n) => [
      `0000${n}_t.sql`,
      `-- +goose Up\ncreate table t${n} ();\n-- +goose Down\ndrop table t${n};\n`,
    ]),
  );
  const table = `create table public.goose_db_version (id integer primary key generated by default as identity,
      version_id bigint not null, is_applied boolean not null, tstamp timestamp not null default now());`;

  it('the last row of each version counts, with the time it was applied', async () => {
    const history = `${table} set timezone = 'UTC'; insert into goose_db_version (version_id, is_applied, tstamp) values
      (0, true, '2024-01-01'), (1, true, '2024-01-02 10:00'), (2, true, '2024-01-03'), (2, false, '2024-01-04'), (2, true, '2024-01-05 11:00'),
      (3, true, '2024-01-06'), (3, false, '2024-01-07'); create table t1 (); create table t2 ();`;
    const world = await setup({ files, history });
    expect(await world.importing()).toMatchObject({ tool: 'goose', renamedTo: null, pending: ['00003_t'] });
    expect(await world.ledger()).toEqual([
      '00001 t import:goose (tester) 0ms 2024-01-02 10:00',
      '00002 t import:goose (tester) 0ms 2024-01-05 11:00',
    ]);
    expect((await world.open().migrate()).map(({ version }) => version)).toEqual(['00003']);
  });

  it('that left one out is refused with both ways out', async () => {
    const world = await setup({
      files,
      history: `${table} insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), (3, true)`,
    });
    expect(await problemOf(world.importing())).toEqual({
      code: 'history-with-gaps',
      message: 'goose left out 1 migration before 00003_t, the last one it applied',
      found: '00002_t',
      expected: 'migrations applied in the order of their numbers',
      next: [
        'let goose apply what it left out, then run the same command again',
        'or give those files numbers after 00003_t: then `migrate` applies them',
      ].join('\n'),
      retry: 'stop',
    });
  });
});

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

describe('which history it is', () => {
  const two = `${GOLANG(1)} create table goose_db_version (id serial primary key, version_id bigint not null, is_applied boolean not null, tstamp timestamp default now());
    insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), (2, true)`;

  it('two are refused until it is said which', async () => {
    const world = await setup({ files: pairs('1', '2'), history: two });
    expect(await problemOf(world.importing())).toEqual({
      code: 'history-ambiguous',
      message: 'this database has 2 histories',
      found: 'goose: public.goose_db_version\ngolang-migrate: public.schema_migrations',
      expected: 'one history, or the name of the one to take over',
      next: 'say whose it is: `import --from goose`',
      retry: 'stop',
    });
    expect(await world.importing({ from: 'goose' })).toMatchObject({
      tool: 'goose',
      renamedTo: 'public.schema_migrations_before_drydock',
      recorded: [{ version: '1' }, { version: '2' }],
    });
  });

  it('a table of another name is taken where it is named', async () => {
    const world = await setup({
      files: pairs('1', '2'),
      history: `create schema ops; create table ops.done (version bigint not null primary key, dirty boolean not null); insert into ops.done values (1, false)`,
    });
    expect(await problemOf(world.importing())).toMatchObject({ code: 'history-not-found' });
    expect(await problemOf(world.importing({ history: 'ops.gone' }))).toMatchObject({ code: 'history-unknown' });
    expect(await world.importing({ history: 'ops.done' })).toMatchObject({
      tool: 'golang-migrate',
      table: 'ops.done',
      recorded: [{ version: '1' }],
    });
  });

  it('a ledger with rows of its own is not written over', async () => {
    const world = await setup({ files: pairs('1', '2') });
    await world.open().migrate();
    await world.database.query(
      `create table goose_db_version (id serial primary key, version_id bigint not null, is_applied boolean not null, tstamp timestamp default now())`,
    );
    expect(await problemOf(world.importing())).toMatchObject({
      code: 'ledger-not-empty',
      message: '"public".schema_migrations has rows already',
      found: '2 rows, the last 2, recorded by tester',
    });
  });
});

it('an import that is killed leaves the old table as it was, and the next one does it all', async () => {
  const world = await setup({ files: pairs('1', '2', '3'), history: GOLANG(2) });
  const reader = await world.database.connect();
  await reader.query('begin');
  await reader.query('select * from schema_migrations');
  const held = world.importing({}, { lockPolicy: { lockTimeoutMs: 20_000 } }).catch((error: unknown) => error);
  const waiting = async () => {
    const [row] = await world.database.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'lock table%'`,
    );
    return row?.pid;
  };
  let pid: number | undefined;
  while (pid === undefined) pid = await waiting();
  await world.database.query('select pg_terminate_backend($1)', [pid]);
  expect(await held).toBeInstanceOf(Error);
  await reader.query('rollback');
  expect(await world.database.query('select version::int from schema_migrations')).toEqual([{ version: 2 }]);
  expect(await world.importing()).toMatchObject({ outcome: 'imported', recorded: [{}, {}] });
});
