/** Index builds outside of transactions that end badly: what is left is recognised, and the next attempt ends with a valid index. */
import { afterAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { kinds, type Migrations, problemOf, setup, until, type World } from '../postgres/migrator/world.ts';
import { databaseAt, type TestDatabase } from '../support/postgres.ts';
import { startAgain } from '../support/start-again.ts';

const ITEMS: Migrations = {
  '001_schema': ['create schema app;', 'drop schema app;'],
  '002_items': [
    'create table app.items (id int);\ninsert into app.items select generate_series(1, 1000);\ncreate index items_id on app.items (id);',
    'drop table app.items;',
  ],
};

const invalid = async (database: TestDatabase) =>
  (
    await database.query<{ name: string }>(
      'select indexrelid::regclass::text as name from pg_index where not indisvalid order by 1',
    )
  ).map(({ name }) => name);

const sessionPid = async (database: TestDatabase, phase: string) => {
  let pid = 0;
  await until(async () => {
    const rows = await database.query<{ pid: number }>(
      'select pid from pg_stat_progress_create_index where datname = current_database() and phase = $1',
      [phase],
    );
    pid = rows[0]?.pid ?? 0;
    return pid > 0;
  });
  return pid;
};

/** The third migration waits in this phase; `hold` is what it waits for. */
async function heldIn(
  phase: string,
  { up, hold, down = 'select 1;' }: { readonly up: string; readonly hold: string; readonly down?: string },
) {
  const world = await setup({ migrations: ITEMS });
  await world.open().migrate();
  await world.write('003_build.up.sql', up);
  await world.write('003_build.down.sql', down);
  const holder = await world.database.connect();
  await holder.query(hold);
  world.events.length = 0;
  const running = world.open().migrate();
  running.catch(() => undefined);
  const pid = await sessionPid(world.database, phase);
  return { world, running, pid, release: () => holder.query('rollback') };
}

const SNAPSHOT = 'begin isolation level repeatable read; select 1';
const READER = 'begin; select count(*) from app.items';

describe('a build whose backend is ended', () => {
  it('leaves an INVALID index, and the next attempt drops it and builds again', async () => {
    const { world, running, pid, release } = await heldIn('waiting for old snapshots', {
      up: 'create index concurrently items_twice on app.items (id);',
      hold: SNAPSHOT,
    });
    await world.database.query('select pg_terminate_backend($1)', [pid]);
    expect(await problemOf(running)).toMatchObject({ code: 'connection-lost', retry: 'retry' });
    await release();
    expect(await invalid(world.database)).toEqual(['app.items_twice']);
    await world.open().migrate();
    expect(kinds(world.events)).toContain('debris-dropped');
    expect(await invalid(world.database)).toEqual([]);
    expect((await world.ledger()).at(-1)).toBe('003 1/1');
  });
});

describe('a unique index over rows that are not', () => {
  it('is refused with the reason, and built once the rows are mended', async () => {
    const world = await setup({ migrations: ITEMS });
    await world.open().migrate();
    await world.database.query('insert into app.items values (1)');
    await world.write('003_build.up.sql', 'create unique index concurrently items_once on app.items (id);');
    await world.write('003_build.down.sql', 'drop index app.items_once;');
    expect(await problemOf(world.open().migrate())).toMatchObject({
      code: 'migration-failed',
      message: 'applying 003_build, building items_once, failed: could not create unique index "items_once"',
      sqlstate: '23505',
    });
    expect(await invalid(world.database)).toEqual(['app.items_once']);
    await world.database.query('delete from app.items where id = 1');
    await world.open().migrate();
    expect(await invalid(world.database)).toEqual([]);
    expect((await world.ledger()).at(-1)).toBe('003 1/1');
  });
});

describe('REINDEX CONCURRENTLY', () => {
  it('cancelled before the exchange: what it built beside the index is dropped, and it is done again', async () => {
    const { world, running, pid, release } = await heldIn('waiting for old snapshots', {
      up: 'reindex table concurrently app.items;',
      hold: SNAPSHOT,
    });
    await world.database.query('select pg_cancel_backend($1)', [pid]);
    expect(await problemOf(running)).toMatchObject({ code: 'statement-cancelled' });
    await release();
    expect(await invalid(world.database)).toEqual(['app.items_id_ccnew']);
    await world.open().migrate();
    expect(world.events).toContainEqual({ kind: 'debris-dropped', index: 'app.items_id_ccnew' });
    expect(await invalid(world.database)).toEqual([]);
    expect((await world.ledger()).at(-1)).toBe('003 1/1');
  });

  it('cancelled after the exchange: the old index is dropped, and the work counts as done', async () => {
    const { world, running, pid, release } = await heldIn('waiting for readers before marking dead', {
      up: 'reindex index concurrently app.items_id;',
      hold: READER,
    });
    await world.database.query('select pg_cancel_backend($1)', [pid]);
    await problemOf(running);
    await release();
    expect(await invalid(world.database)).toEqual(['app.items_id_ccold']);
    const node = () => world.database.query(`select pg_relation_filenode('app.items_id'::regclass) as node`);
    const before = await node();
    await world.open().migrate();
    expect(kinds(world.events)).toContain('statement-done-already');
    expect(await invalid(world.database)).toEqual([]);
    expect(await node()).toEqual(before);
  });

  it('that somebody else is at is waited for, and what it is building is not dropped', async () => {
    const world = await setup({ migrations: ITEMS });
    await world.open().migrate();
    const holder = await world.database.connect();
    await holder.query(SNAPSHOT);
    const other = await world.database.connect();
    const reindexed = other.query('reindex table concurrently app.items');
    const pid = await sessionPid(world.database, 'waiting for old snapshots');
    await world.write('003_build.up.sql', 'reindex table concurrently app.items;');
    await world.write('003_build.down.sql', 'select 1;');
    world.events.length = 0;
    const running = world.open().migrate();
    await until(() => kinds(world.events).includes('waiting-for-build'));
    expect(world.events).toContainEqual({ kind: 'waiting-for-build', index: 'app.items_id_ccnew', pid });
    await holder.query('rollback');
    await reindexed;
    await running;
    expect(kinds(world.events)).not.toContain('debris-dropped');
    expect(await invalid(world.database)).toEqual([]);
  });

  it('cut off and not wanted any more: a rollback clears what it left', async () => {
    const { world, running, pid, release } = await heldIn('waiting for old snapshots', {
      up: 'reindex table concurrently app.items;',
      hold: SNAPSHOT,
    });
    await world.database.query('select pg_cancel_backend($1)', [pid]);
    await problemOf(running);
    await release();
    expect(await world.open().rollback()).toMatchObject({ outcome: 'cleared' });
    expect(await invalid(world.database)).toEqual([]);
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  });
});

describe('an undo that builds an index', () => {
  it('and is cut off is cleared by whoever comes next: the debris goes, the index is built', async () => {
    const world = await setup({
      migrations: {
        ...ITEMS,
        '003_drop': [
          'drop index concurrently app.items_id;',
          'create table app.beside ();\ncreate index concurrently items_id on app.items (id);',
        ],
      },
    });
    await world.open().migrate();
    const holder = await world.database.connect();
    await holder.query(SNAPSHOT);
    const running = world.open().rollback();
    running.catch(() => undefined);
    const pid = await sessionPid(world.database, 'waiting for old snapshots');
    await world.database.query('select pg_cancel_backend($1)', [pid]);
    await problemOf(running);
    await holder.query('rollback');
    expect(await invalid(world.database)).toEqual(['app.items_id']);
    expect(await world.ledger()).toContain('003 0/1 unfinished');
    world.events.length = 0;
    expect(await world.open().rollback()).toMatchObject({ outcome: 'cleared' });
    expect(kinds(world.events)).toEqual([
      'rollback-started',
      'statement-skipped',
      'debris-dropped',
      'migration-reverted',
    ]);
    expect(await invalid(world.database)).toEqual([]);
    expect(await world.database.query(`select to_regclass('app.items_id') is not null as there`)).toEqual([
      { there: true },
    ]);
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  });
});

const reaper: Reaper = startReaper();
afterAll(() => reaper.close());

describe('a server that dies in the middle of a build', () => {
  it('comes back with an INVALID index, and the next attempt ends with a valid one', async () => {
    const postgres = await startPostgres({ reaper, settings: { fsync: 'off' } });
    const { port, dataDir, pid: serverPid } = postgres;
    const url = await postgres.createDatabase('cut_off');
    const world: World = await setup({
      migrations: { ...ITEMS, '003_build': ['create index concurrently items_twice on app.items (id);', 'select 1;'] },
    });
    const migrate = async () => {
      const migrator = world.open({ url });
      return migrator.migrate().finally(() => migrator.close());
    };
    const holder = await databaseAt(url).connect();
    await holder.query('begin isolation level repeatable read; select 1');
    const running = migrate();
    running.catch(() => undefined);
    await sessionPid(databaseAt(url), 'waiting for old snapshots');
    process.kill(serverPid, 'SIGQUIT');
    expect(await problemOf(running)).toMatchObject({ retry: 'retry' });
    const again = await startAgain({ reaper, dataDir, port });
    expect(await invalid(databaseAt(url))).toEqual(['app.items_twice']);
    world.events.length = 0;
    await migrate();
    expect(kinds(world.events)).toContain('debris-dropped');
    expect(await invalid(databaseAt(url))).toEqual([]);
    await again.stop();
    await postgres.stop();
  });
});
