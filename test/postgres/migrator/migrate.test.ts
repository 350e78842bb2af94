/** Applying what is pending, asking what is there, and two who do it at once. */
import { describe, expect, it } from 'vitest';
import { advisoryLocks, kinds, problemOf, SIMPLE, setup, until } from './world.ts';

describe('migrating', () => {
  it('applies everything in order, and a second time nothing', async () => {
    const { open, events, ledger } = await setup();
    const migrator = open();
    expect((await migrator.migrate()).map(({ version, outcome }) => `${version} ${outcome}`)).toEqual([
      '001 applied',
      '002 applied',
      '003 applied',
    ]);
    expect(await ledger()).toEqual(['001 1/1', '002 1/1', '003 1/1']);
    events.length = 0;
    expect(await migrator.migrate()).toEqual([]);
    expect(events).toEqual([{ kind: 'nothing-to-do', why: 'all-applied' }]);
  });

  it('writes who, when, how long, and the checksums of both files', async () => {
    const { open, database } = await setup();
    await open({ owner: { appliedBy: 'anna@desk', runId: 'run-1' } }).migrate();
    const [row] = await database.query(`select * from app.schema_migrations where version = '002'`);
    expect(row).toEqual({
      version: '002',
      name: 'parents',
      up_checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      down_checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      started_at: expect.any(Date),
      finished_at: expect.any(Date),
      parts_done: 1,
      parts_total: 1,
      duration_ms: expect.any(Number),
      applied_by: 'anna@desk',
      run_id: 'run-1',
      drydock_version: '0.1.0',
      undo_started_at: null,
      // Of another row: what the last migration left.
      catalog_mark: null,
      catalog_after: null,
    });
  });

  it('a ledger documents itself, and its key has the name that the runbook knows', async () => {
    const { open, database } = await setup();
    await open().migrate();
    const uncommented = await database.query(
      `select attname from pg_attribute where attrelid = 'app.schema_migrations'::regclass and attnum > 0
          and col_description(attrelid, attnum) is null`,
    );
    expect(uncommented).toEqual([]);
    expect(
      await database.query(
        `select conname from pg_constraint where conrelid = 'app.schema_migrations'::regclass and contype = 'p'`,
      ),
    ).toEqual([{ conname: 'schema_migrations_pkey' }]);
  });

  it('a failing file leaves nothing of itself, and the ones before it stay', async () => {
    const { open, database, ledger, write } = await setup();
    await write('003_children.up.sql', 'create table app.half ();\nselect 1 / 0;');
    const migrator = open();
    expect(await problemOf(migrator.migrate())).toEqual({
      code: 'migration-failed',
      message: 'applying 003_children failed: division by zero',
      found: 'migrations/app/003_children.up.sql:2:1\n  2 | select 1 / 0;\n      ^',
      next: 'correct the cause, then run the same command again; nothing of this transaction was kept',
      retry: 'stop',
      sqlstate: '22012',
    });
    expect(await ledger()).toEqual(['001 1/1', '002 1/1']);
    expect(await database.query(`select to_regclass('app.half') as half`)).toEqual([{ half: null }]);
    await write('003_children.up.sql', SIMPLE['003_children']![0]);
    expect(await migrator.migrate()).toHaveLength(1);
  });

  it('a directory that cannot be read keeps nobody else out', async () => {
    const world = await setup();
    await world.write('002_twice.up.sql', 'select 1;');
    expect(await problemOf(world.open().migrate())).toMatchObject({ code: 'migration-files-invalid' });
    expect(await advisoryLocks(world.database)).toEqual([]);
  });

  it('a first file that fails leaves not even the ledger', async () => {
    const { open, database } = await setup({
      migrations: { '001_a': ['create schema app; select nothing', 'drop schema app'] },
    });
    expect((await problemOf(open().migrate())).found).toBe(
      'migrations/app/001_a.up.sql:1:27\n  1 | create schema app; select nothing\n                                ^',
    );
    expect(await database.query(`select to_regnamespace('app') as app`)).toEqual([{ app: null }]);
  });

  it('nothing is applied where a later file cannot be read as SQL', async () => {
    const { open, ledger, write } = await setup();
    await write('003_children.up.sql', 'create tabel x ();');
    expect(await problemOf(open().migrate())).toMatchObject({ code: 'migration-syntax' });
    expect(await ledger()).toEqual([]);
  });

  it('files do not depend on settings that a file before them left', async () => {
    const { open, database } = await setup({
      migrations: {
        '001_a': [
          "create schema app; set search_path = app; set lock_timeout = '1h'; set role pg_monitor;",
          'drop schema app',
        ],
        '002_b': ['create table made_in_public ()', 'drop table made_in_public'],
      },
    });
    await open().migrate();
    expect(await database.query(`select to_regclass('public.made_in_public') is not null as there`)).toEqual([
      { there: true },
    ]);
  });

  it('a file without any statement, and one wrapped in BEGIN … COMMIT, are applied', async () => {
    const { open, ledger } = await setup({
      migrations: {
        '001_a': ['begin;\ncreate schema app;\ncommit;\n', 'drop schema app'],
        '002_b': ['-- nothing yet', '-- nothing to undo'],
      },
    });
    const migrator = open();
    await migrator.migrate();
    expect(await ledger()).toEqual(['001 1/1', '002 1/1']);
    expect((await migrator.rollback()).outcome).toBe('reverted');
    expect(await ledger()).toEqual(['001 1/1']);
  });

  it('a ledger in a schema that no migration makes is made and removed with it', async () => {
    const { open, database } = await setup({
      migrations: { '001_a': ['create table public.t ()', 'drop table public.t'] },
    });
    const migrator = open({ ledgerSchema: 'ledger', schemas: ['public'] });
    await migrator.migrate();
    expect(await database.query('select version from ledger.schema_migrations')).toEqual([{ version: '001' }]);
    await migrator.rollback();
    expect(await database.query(`select to_regnamespace('ledger') as ledger`)).toEqual([{ ledger: null }]);
  });

  it('a ledger of another tool is left alone', async () => {
    const { open, database } = await setup();
    await database.query('create schema app; create table app.schema_migrations (version bigint, dirty boolean)');
    expect(await problemOf(open().migrate())).toEqual({
      code: 'ledger-foreign',
      message: '"app".schema_migrations is not a ledger of this tool',
      found: 'a table of that name without the columns up_checksum, down_checksum, parts_done …',
      expected: 'no such table, or one that Drydock made',
      next: 'if it is the history of another migration tool, `import` takes it over; else give the ledger another schema, or rename that table',
      retry: 'stop',
    });
  });

  it('an edited, a missing and a late file are refused, and nothing is run', async () => {
    const { open, write, remove, ledger } = await setup();
    const migrator = open();
    await migrator.migrate();
    await write('002_parents.up.sql', '-- edited');
    expect(await problemOf(migrator.migrate())).toMatchObject({ code: 'migration-edited' });
    await write('002_parents.up.sql', SIMPLE['002_parents']![0]);
    await remove('003_children.up.sql');
    await remove('003_children.down.sql');
    expect(await problemOf(migrator.migrate())).toMatchObject({ code: 'migration-file-missing' });
    expect(await ledger()).toHaveLength(3);
  });
});

describe('asking', () => {
  it('status and dry run create nothing', async () => {
    const { open, database } = await setup();
    const objects = () => database.query(`select count(*) from pg_class`);
    const before = await objects();
    const migrator = open();
    const status = await migrator.status();
    expect(status.migrations.map(({ version, state }) => `${version} ${state}`)).toEqual([
      '001 pending',
      '002 pending',
      '003 pending',
    ]);
    expect(status).toMatchObject({ tables: [], claim: null, problems: [] });
    const run = await migrator.dryRun();
    expect(run).toMatchObject({ onDisk: 3, applied: 0, problems: [] });
    expect(run.pending.map(({ path }) => path)).toEqual([
      'migrations/app/001_schema.up.sql',
      'migrations/app/002_parents.up.sql',
      'migrations/app/003_children.up.sql',
    ]);
    expect(await objects()).toEqual(before);
  });

  it('a dry run tells of files that cannot be run, mirrors too', async () => {
    const { open, write } = await setup();
    await write('002_parents.down.sql', 'drop tabel x');
    await write('003_children.up.sql', 'commit; select 1');
    const { problems } = await open().dryRun();
    expect(problems.map(({ code }) => code)).toEqual(['migration-syntax', 'transaction-control-in-file']);
  });

  it('status lists tables without the ledger', async () => {
    const { open } = await setup();
    const migrator = open();
    await migrator.migrate();
    expect((await migrator.status()).tables).toEqual(['app.children', 'app.parents']);
  });
});

describe('two migrators at once', () => {
  it('the second waits, names the first, and finds nothing left to do', async () => {
    const { open, events, ledger, database } = await setup();
    const holder = await database.connect();
    await holder.query('begin; create schema app');
    const first = open().migrate();
    await until(async () => (await advisoryLocks(database)).length >= 2);
    const second = open().migrate();
    await until(() => kinds(events).includes('waiting-for-migrator'));
    await holder.query('rollback');
    expect(await first).toHaveLength(3);
    expect(await second).toEqual([]);
    expect(await ledger()).toHaveLength(3);
    const waiting = events.find((event) => event.kind === 'waiting-for-migrator');
    expect(waiting).toMatchObject({ holders: [{ application: 'drydock:cli:tester', mode: 'ExclusiveLock' }] });
  });

  it('four at the same moment apply each file once', async () => {
    const { open, ledger } = await setup();
    const all = await Promise.all([open(), open(), open(), open()].map((migrator) => migrator.migrate()));
    expect(all.map((applied) => applied.length).sort()).toEqual([0, 0, 0, 3]);
    expect(await ledger()).toEqual(['001 1/1', '002 1/1', '003 1/1']);
  });

  it('who waits too long is told who is in the way', async () => {
    const { open, database } = await setup();
    const holder = await database.connect();
    await holder.query('begin; create schema app');
    // One long try: between short ones the first would be idle for a moment.
    const first = open({ lockPolicy: { lockTimeoutMs: 20_000 } }).migrate();
    await until(async () => {
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return (await database.query(waiting)).length === 1;
    });
    const second = open({ lockPolicy: { migratorWaitMs: 100 } });
    expect(await problemOf(second.migrate())).toEqual({
      code: 'migrator-lock-held',
      message: 'another migrator is at work on this database, and did not finish within 100 ms',
      found: expect.stringMatching(
        /^pid \d+ \(drydock:cli:tester, user postgres, from 127.0.0.1, active, for [\d.]+ s\)$/,
      ),
      expected: 'one migrator at a time',
      next: 'wait until it has finished, then run the same command again',
      retry: 'retry',
    });
    await holder.query('rollback');
    await first;
  });
});
