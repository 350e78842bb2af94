/** Many fresh migrations in one message: each is its own transaction all the same, and none is ever done twice. */
import { describe, expect, it } from 'vitest';
import type { MigratorEvent } from '../../../src/model/migrator-event.ts';
import { startCli } from '../../support/processes.ts';
import { HASTY, kinds, type Migrations, problemOf, setup, until, type World } from './world.ts';

/** So many that each write a line of their own into `app.log`; `of` may add to one of them. */
function logging(count: number, of: (version: string) => string = () => ''): Migrations {
  const first = ['create schema app; create table app.log (version text);', 'drop table app.log; drop schema app;'];
  const others = Array.from({ length: count - 1 }, (_, index) => String(index + 2).padStart(3, '0'));
  return {
    '001_log': first as [string, string],
    ...Object.fromEntries(
      others.map((version) => [
        `${version}_line`,
        [
          `${of(version)}insert into app.log values ('${version}');`,
          `delete from app.log where version = '${version}';`,
        ],
      ]),
    ),
  };
}

const logged = async ({ database }: World): Promise<string[]> =>
  (await database.query<{ version: string }>('select version from app.log order by version')).map((row) => row.version);

const versions = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index).padStart(3, '0'));

const applied = (events: readonly MigratorEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'migration-applied' ? [event.migration.version] : []));

describe('many at once', () => {
  it('are told one by one, in order, each with its own time and transaction', async () => {
    const world = await setup({
      migrations: logging(120, (version) => (version === '003' ? 'select pg_sleep(0.2);' : '')),
    });
    const outcomes = await world.open().migrate();
    expect(outcomes.map((one) => one.version)).toEqual(versions(1, 120));
    expect(applied(world.events)).toEqual(versions(1, 120));
    expect(kinds(world.events).slice(0, 5)).toEqual([
      'migrations-pending',
      'migration-started',
      'migration-applied',
      'migration-started',
      'migration-applied',
    ]);
    expect(await logged(world)).toEqual(versions(2, 120));
    const rows = await world.database.query<{ version: string; ms: number; orderly: boolean; writer: string }>(
      `select version, duration_ms as ms, xmin::text as writer,
              started_at >= lag(finished_at, 1, '-infinity') over (order by version) as orderly
         from app.schema_migrations order by version`,
    );
    expect(rows[2]!.ms).toBeGreaterThanOrEqual(200);
    expect(rows[119]!.ms).toBeLessThan(200);
    expect(rows.filter((row) => !row.orderly)).toEqual([]);
    expect(new Set(rows.map((row) => row.writer)).size).toBe(120);
  });

  it('are told while a slow one among them is still at work', async () => {
    const world = await setup({
      migrations: logging(5, (version) => (version === '004' ? 'select pg_sleep(3);' : '')),
    });
    const running = world.open().migrate();
    await until(() => applied(world.events).includes('003'));
    expect(world.events.at(-1)).toEqual({
      kind: 'migration-started',
      migration: { version: '004', name: 'line' },
      parts: 1,
      resumedAt: null,
    });
    await running;
    expect(applied(world.events)).toEqual(versions(1, 5));
  });

  it('are told while the very first one is at work, before there is a ledger', async () => {
    const world = await setup({ migrations: logging(3) });
    await world.write('001_log.up.sql', 'create schema app; create table app.log (version text); select pg_sleep(3);');
    const running = world.open().migrate();
    await until(() => world.events.some(({ kind }) => kind === 'migration-started'));
    expect(await world.ledger()).toEqual([]);
    await running;
    expect(applied(world.events)).toEqual(versions(1, 3));
  });

  it('leave settings and roles of a file to that file', async () => {
    const world = await setup({
      migrations: logging(3, (version) =>
        version === '002' ? "set search_path = app; set timezone = 'Asia/Tokyo';" : '',
      ),
    });
    await world.write('004_where.up.sql', "create table app.seen as select current_setting('timezone') as zone;");
    await world.write('004_where.down.sql', 'drop table app.seen;');
    await world.open().migrate();
    expect(await world.database.query(`select zone <> 'Asia/Tokyo' as own from app.seen`)).toEqual([{ own: true }]);
  });

  it('let a file choose how isolated it is, as one alone may', async () => {
    const world = await setup({
      migrations: logging(3, (version) => (version === '002' ? 'set transaction isolation level serializable; ' : '')),
    });
    expect(await world.open().migrate()).toHaveLength(3);
  });
});

const pidOf = (client: object): number => (client as { readonly processID: number }).processID;

describe('many at once, with a file that asks for no transaction', () => {
  const MARK = '-- drydock:no-transaction\n';

  it('does each of its statements in a transaction of its own', async () => {
    const world = await setup({ migrations: logging(4) });
    await world.write(
      '002_line.up.sql',
      "create type app.mood as enum ('good'); alter table app.log add mood app.mood;",
    );
    await world.write(
      '003_line.up.sql',
      `${MARK}alter type app.mood add value 'better'; insert into app.log values ('003', 'better');`,
    );
    await world.open().migrate();
    expect(await logged(world)).toEqual(['003', '004']);
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1', '003 2/2', '004 1/1']);
  });

  it('keeps no lock of one statement while the next one waits for its own', async () => {
    const world = await setup({ migrations: logging(4) });
    await world.open().moveTo('002');
    await world.database.query('create table app.other ()');
    await world.write('003_line.up.sql', `${MARK}alter table app.log add a int; alter table app.other add b int;`);
    const holder = await world.database.connect();
    await holder.query('begin; lock table app.other in access exclusive mode');
    const running = world.open({ lockPolicy: { ...HASTY, lockTimeoutMs: 20_000, totalMs: 20_000 } }).migrate();
    const on = (table: string) =>
      world.database.query(
        `select granted from pg_locks where relation = 'app.${table}'::regclass and pid <> ${pidOf(holder)}`,
      );
    await until(async () => (await on('other')).length > 0);
    expect(await on('other')).toEqual([{ granted: false }]);
    expect(await on('log')).toEqual([]);
    await holder.query('rollback');
    await running;
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1', '003 2/2', '004 1/1']);
  });
});

describe('what a file of many sets', () => {
  const ISOLATION = "insert into app.log select current_setting('transaction_isolation');";

  it.each([
    ['a plain file', ''],
    ['a file that is applied by itself', 'create index concurrently log_version on app.log (version);'],
  ])('for transactions to come, holds for none of those behind %s', async (_, more) => {
    const world = await setup({ migrations: logging(6) });
    await world.write('002_line.up.sql', `${more} set default_transaction_isolation = 'serializable';`);
    await world.write('003_line.up.sql', ISOLATION);
    await world.write(
      '004_line.up.sql',
      `${more.replace('log_version', 'log_again')} set default_transaction_read_only = on;`,
    );
    await world.write('005_line.down.sql', "set default_transaction_isolation = 'serializable';");
    await world.write('006_line.up.sql', ISOLATION);
    await world.write('006_line.down.sql', 'set default_transaction_read_only = on;');
    await world.open().migrate();
    expect(await logged(world)).toEqual(['005', 'read committed', 'read committed']);
    await world.open().redo();
    const migrator = world.open();
    await migrator.moveTo('004');
    await migrator.migrate();
    expect(await logged(world)).toEqual(['005', '005', ...Array(4).fill('read committed')]);
  });

  it('for itself, holds until its commit', async () => {
    const world = await setup({ migrations: logging(3) });
    await world.write(
      '002_line.up.sql',
      `create function app.note() returns trigger language plpgsql as $$
         begin insert into log values ('noted'); return null; end $$;
       create table app.watched (id int);
       create constraint trigger late after insert on app.watched deferrable initially deferred
         for each row execute function app.note();
       set search_path = app;
       insert into watched values (1);`,
    );
    await world.open().migrate();
    expect(await logged(world)).toEqual(['003', 'noted']);
  });

  it.each([
    ["update pg_settings set setting = '0' where name = 'lock' || '_timeout';"],
    ['set U&"lock\\005ftimeout" = 0;'],
    [`set U&"lock!005ftimeout" uescape '!' = 0;`],
  ])('does not undo our limits: %s', async (sql) => {
    const world = await setup({ migrations: logging(3) });
    await world.open().moveTo('002');
    await world.write('003_line.up.sql', `${sql} alter table app.log add a int;`);
    const holder = await world.database.connect();
    await holder.query('begin; lock table app.log in access exclusive mode');
    const running = world.open().migrate();
    running.catch(() => undefined);
    const waiting = setTimeout(() => void holder.query('rollback'), 5_000);
    await until(async () => kinds(world.events).includes('lock-timeout') || (await world.ledger()).length === 3);
    clearTimeout(waiting);
    expect(kinds(world.events)).toContain('lock-timeout');
    await holder.query('rollback');
    await running;
  });
});

describe('where one of many fails', () => {
  it('those before it stay, nothing of it is kept, and its place in its own file is named', async () => {
    const world = await setup({ migrations: logging(6) });
    await world.write('004_line.up.sql', "insert into app.log values ('é');\ninsert into app.log\n  select 1 / 0;\n");
    expect(await problemOf(world.open().migrate())).toMatchObject({
      code: 'migration-failed',
      message: 'applying 004_line failed: division by zero',
      found: 'migrations/app/004_line.up.sql:2:1\n  2 | insert into app.log\n      ^',
    });
    expect(await logged(world)).toEqual(['002', '003']);
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1', '003 1/1']);
    expect(kinds(world.events).slice(-2)).toEqual(['migration-applied', 'migration-started']);
    await world.write('004_line.up.sql', "insert into app.log values ('004');");
    await world.open().migrate();
    expect(await logged(world)).toEqual(versions(2, 6));
  });

  it('with a position of its own, that is told', async () => {
    const world = await setup({ migrations: logging(4) });
    await world.write('003_line.up.sql', "-- ü\nselect 'ü';\nselect nothing_of_that_name;\n");
    expect(await problemOf(world.open().migrate())).toMatchObject({
      found: 'migrations/app/003_line.up.sql:3:8\n  3 | select nothing_of_that_name;\n             ^',
    });
  });

  it('at its commit, the ones after it are not begun', async () => {
    const world = await setup({ migrations: logging(5) });
    await world.write(
      '003_line.up.sql',
      `create table app.parents (id int primary key);
       create table app.children (parent int references app.parents deferrable initially deferred);
       insert into app.children values (1);`,
    );
    expect(await problemOf(world.open().migrate())).toMatchObject({
      code: 'migration-failed',
      message: expect.stringContaining('applying 003_line failed: insert or update on table "children" violates'),
    });
    expect(await logged(world)).toEqual(['002']);
  });

  it('because it is no SQL, nothing at all is begun, and not a word is said of it', async () => {
    const world = await setup({ migrations: logging(5) });
    await world.write('004_line.up.sql', 'create tabel app.x ();');
    expect(await problemOf(world.open().migrate())).toMatchObject({
      code: 'migration-syntax',
      found: expect.stringMatching(/^migrations\/app\/004_line.up.sql:1:8\n/),
    });
    expect(await world.ledger()).toEqual([]);
    expect(world.events).toEqual([]);
  });

  it.each([
    ['a comment', 'create table app.a (); /* and so on'],
    ['a string', "create table app.a (); select 'and so on"],
  ])('because %s is left open, it takes nothing along that comes after it', async (_, sql) => {
    const world = await setup({ migrations: logging(5) });
    await world.write('003_line.up.sql', sql);
    await world.write('004_line.up.sql', "select 'it''s */';\ninsert into app.log values ('004');");
    expect(await problemOf(world.open().migrate())).toMatchObject({ code: 'migration-syntax' });
    expect(await world.ledger()).toEqual([]);
  });

  it('because somebody was in the way, it is tried again by itself, and all go on', async () => {
    const world = await setup({ migrations: logging(8) });
    await world.open().moveTo('002');
    const holder = await world.database.connect();
    await holder.query('begin; lock table app.log in access exclusive mode');
    const running = world.open().migrate();
    await until(() => kinds(world.events).includes('lock-timeout'));
    await holder.query('rollback');
    await running;
    expect(await logged(world)).toEqual(versions(2, 8));
    expect(applied(world.events)).toEqual(versions(1, 8));
  });
});

describe('many at once that are cut off', () => {
  it('by an abort: what was committed stays and is told, the rest is done later', async () => {
    const world = await setup({
      migrations: logging(9, (version) => (version === '006' ? 'select pg_sleep(30);' : '')),
    });
    const controller = new AbortController();
    const running = problemOf(world.open({ signal: controller.signal }).migrate());
    await until(() => applied(world.events).includes('005'));
    controller.abort();
    expect(await running).toMatchObject({ code: 'interrupted' });
    expect(await world.ledger()).toHaveLength(5);
    await world.write('006_line.up.sql', "insert into app.log values ('006');");
    await world.open().migrate();
    expect(await logged(world)).toEqual(versions(2, 9));
  });

  it('by kill -9: the next one does what is left, and nothing twice', async () => {
    const world = await setup({ migrations: logging(30, () => 'select pg_sleep(0.1);') });
    const call = ['migrate', '--dir', `${world.root}/migrations/app`, '--schema', 'app', '--url', world.database.url];
    const killed = startCli(['src/cli/drydock.ts', ...call]);
    await until(async () => (await world.ledger()).length > 4);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const outcomes = await world.open().migrate();
    expect(outcomes.length).toBeLessThan(30);
    expect(await logged(world)).toEqual(versions(2, 30));
    expect(await world.ledger()).toEqual(versions(1, 30).map((version) => `${version} 1/1`));
  });

  it('by the end of their backend: a problem that says so, and the next one does what is left', async () => {
    const world = await setup({
      migrations: logging(9, (version) => (version === '006' ? 'select pg_sleep(30);' : '')),
    });
    const running = problemOf(world.open().migrate());
    await until(async () => (await world.ledger()).length === 5);
    await world.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
    );
    expect(await running).toMatchObject({ code: 'connection-lost', retry: 'retry' });
    await world.write('006_line.up.sql', "insert into app.log values ('006');");
    await world.open().migrate();
    expect(await logged(world)).toEqual(versions(2, 9));
  });
});

describe('two migrators at once', () => {
  it('do every migration once between them', async () => {
    const world = await setup({ migrations: logging(60, () => 'select pg_sleep(0.005);') });
    const [one, other] = await Promise.all([world.open().migrate(), world.open().migrate()]);
    expect([one.length, other.length].sort()).toEqual([0, 60]);
    expect(await logged(world)).toEqual(versions(2, 60));
    expect(kinds(world.events)).toContain('waiting-for-migrator');
  });
});
