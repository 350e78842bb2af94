/** Taking over the history of another tool: golang-migrate, dbmate and goose, which one it is, and one that is killed. */
import { describe, expect, it } from 'vitest';
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
