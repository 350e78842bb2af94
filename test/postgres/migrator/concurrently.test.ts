/** Files with CREATE INDEX CONCURRENTLY: applied part by part, cancelled, gone on with and cleared. */
import { describe, expect, it } from 'vitest';
import { heldBuild, INDEXED, validity } from './concurrently-world.ts';
import { kinds, problemOf, setup, until } from './world.ts';

describe('a file with CREATE INDEX CONCURRENTLY', () => {
  it('is applied part by part, and its row says so', async () => {
    const { open, events, ledger, database } = await setup({ migrations: INDEXED });
    await open().migrate();
    expect(await ledger()).toEqual(['001 1/1', '002 2/2']);
    expect(await validity(database)).toEqual([true]);
    expect(kinds(events).filter((kind) => kind === 'part-finished')).toHaveLength(2);
  });

  it('a build runs without the limits of transactions, and they are back afterwards', async () => {
    const world = await setup({
      migrations: {
        ...INDEXED,
        '003_settings': [
          `create table app.settings as select name, setting from pg_settings where name in ('lock_timeout', 'client_connection_check_interval') order by name;`,
          'drop table app.settings;',
        ],
      },
    });
    const { running, pid, release } = await heldBuild(world);
    // It is told after two seconds: longer than all tries of a transaction together.
    await until(() => kinds(world.events).includes('waiting-for-sessions'));
    expect(await world.database.query('select wait_event_type from pg_stat_activity where pid = $1', [pid])).toEqual([
      { wait_event_type: 'Lock' },
    ]);
    await release();
    await running;
    expect(await world.database.query('select setting from app.settings')).toEqual([
      { setting: '1000' },
      { setting: '100' },
    ]);
    const waiting = world.events.find((event) => event.kind === 'waiting-for-sessions');
    expect(waiting).toMatchObject({
      doing: 'applying 002_items, building items_id,',
      blockers: [{ state: 'idle in transaction' }],
    });
  });

  it('settings of a part last to the end of the file, also when it is gone on with, and not into the next', async () => {
    const world = await setup({
      migrations: {
        '001_items': [
          'create schema app;\nset search_path = app;\ncreate table items (id int);\ninsert into items values (1), (1);\ncreate unique index concurrently items_id on items (id);\ncreate table beside (path text);',
          'drop schema app cascade;',
        ],
        '002_next': ['create table in_public ();', 'drop table in_public;'],
      },
    });
    await problemOf(world.open().migrate());
    await world.database.query('delete from app.items');
    await world.open().migrate();
    expect(await validity(world.database)).toEqual([true]);
    expect(
      await world.database.query(
        `select to_regclass('app.beside')::text as beside, to_regclass('public.in_public')::text as next`,
      ),
    ).toEqual([{ beside: 'app.beside', next: 'in_public' }]);
  });

  it('a cancelled build is told with the index and the way out', async () => {
    const world = await setup({ migrations: INDEXED });
    const { running, pid, release } = await heldBuild(world);
    await world.database.query('select pg_cancel_backend($1)', [pid]);
    expect(await problemOf(running)).toEqual({
      code: 'statement-cancelled',
      message: 'applying 002_items, building items_id, failed: canceling statement due to user request',
      found:
        'migrations/app/002_items.up.sql:3:1\n  3 | create index concurrently items_id on app.items (id);\n      ^',
      next: 'correct the cause, then run the same command again: it goes on from this statement; or run `rollback` to clear what is unfinished',
      retry: 'stop',
      sqlstate: '57014',
    });
    await release();
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/2 unfinished']);
    expect(await validity(world.database)).toEqual([false]);
  });

  it('after a cancelled build, migrate drops the debris and builds again', async () => {
    const world = await setup({ migrations: INDEXED });
    const { running, pid, release } = await heldBuild(world);
    await world.database.query('select pg_cancel_backend($1)', [pid]);
    await problemOf(running);
    await release();
    world.events.length = 0;
    expect(await world.open().migrate()).toMatchObject([{ version: '002', outcome: 'resumed' }]);
    expect(kinds(world.events)).toEqual([
      'migrations-pending',
      'migration-started',
      'debris-dropped',
      'part-finished',
      'migration-applied',
    ]);
    expect(await validity(world.database)).toEqual([true]);
    expect(await world.ledger()).toEqual(['001 1/1', '002 2/2']);
  });

  it('after a cancelled build, rollback clears that migration and not the one before it', async () => {
    const world = await setup({ migrations: INDEXED });
    const migrator = world.open();
    const { running, pid, release } = await heldBuild(world);
    await world.database.query('select pg_cancel_backend($1)', [pid]);
    await problemOf(running);
    await release();
    expect(
      (await migrator.status()).migrations.map(({ state, partsDone, partsTotal }) => [state, partsDone, partsTotal]),
    ).toEqual([
      ['applied', 1, 1],
      ['unfinished', 1, 2],
    ]);
    world.events.length = 0;
    expect(await migrator.rollback()).toMatchObject({ outcome: 'cleared', version: '002' });
    expect(world.events[0]).toEqual({
      kind: 'rollback-started',
      migration: { version: '002', name: 'items' },
      of: 'unfinished',
    });
    expect(await world.ledger()).toEqual(['001 1/1']);
    expect(await world.database.query(`select to_regclass('app.items') as items`)).toEqual([{ items: null }]);
    await migrator.migrate();
    expect(await validity(world.database)).toEqual([true]);
  });

  it('debris on a table of an earlier migration is cleared too, past statements that have nothing to do', async () => {
    const world = await setup({
      migrations: {
        '001_items': [
          'create schema app; create table app.items (id int); insert into app.items values (1), (1);',
          'drop table app.items; drop schema app;',
        ],
        '002_index': [
          'create unique index concurrently items_id on app.items (id);\ncreate table app.never ();',
          'drop table app.never;\ndrop index app.not_this_one;',
        ],
      },
    });
    const migrator = world.open();
    expect(await problemOf(migrator.migrate())).toMatchObject({ sqlstate: '23505' });
    expect(await validity(world.database)).toEqual([false]);
    world.events.length = 0;
    await migrator.rollback();
    expect(world.events.filter(({ kind }) => kind === 'statement-skipped' || kind === 'debris-dropped')).toEqual([
      { kind: 'statement-skipped', line: 1, reason: 'table "never" does not exist' },
      { kind: 'statement-skipped', line: 2, reason: 'index "not_this_one" does not exist' },
      { kind: 'debris-dropped', index: 'app.items_id' },
    ]);
    expect(await validity(world.database)).toEqual([]);
    expect(await world.ledger()).toEqual(['001 1/1']);
  });

  it('an edited unfinished file is refused by migrate, and rollback is the way out', async () => {
    const world = await setup({ migrations: INDEXED });
    const { running, pid, release } = await heldBuild(world);
    await world.database.query('select pg_cancel_backend($1)', [pid]);
    await problemOf(running);
    await release();
    await world.write('002_items.up.sql', `${INDEXED['002_items'][0]}\n-- mended\n`);
    const migrator = world.open();
    expect(await problemOf(migrator.migrate())).toMatchObject({
      code: 'migration-edited',
      next: 'run `rollback` to clear what the unfinished migration left, then `migrate`',
    });
    expect((await migrator.rollback()).outcome).toBe('cleared');
    expect(await migrator.migrate()).toHaveLength(1);
  });

  it('IF NOT EXISTS does not take debris for the index', async () => {
    const world = await setup({
      migrations: {
        '001_items': [
          'create schema app; create table app.items (id int); insert into app.items values (1), (1);',
          'drop schema app cascade;',
        ],
        '002_index': [
          'create unique index concurrently if not exists items_id on app.items (id);',
          'drop index app.items_id;',
        ],
      },
    });
    const migrator = world.open();
    await problemOf(migrator.migrate());
    await world.database.query('delete from app.items');
    await migrator.migrate();
    expect(await validity(world.database)).toEqual([true]);
  });

  it('a mirror with DROP INDEX CONCURRENTLY goes down part by part', async () => {
    const { open, ledger, database } = await setup({
      migrations: {
        '001_schema': ['create schema app;', 'drop schema app;'],
        '002_items': [INDEXED['002_items'][0], 'drop index concurrently app.items_id;\ndrop table app.items;'],
      },
    });
    const migrator = open();
    await migrator.migrate();
    expect(await migrator.rollback()).toMatchObject({ outcome: 'reverted' });
    expect(await ledger()).toEqual(['001 1/1']);
    expect(await database.query(`select to_regclass('app.items') as items`)).toEqual([{ items: null }]);
  });

  it('a rollback that is cut off between its parts is finished by whoever comes next', async () => {
    const world = await setup({
      migrations: {
        '001_schema': ['create schema app;', 'drop schema app;'],
        '002_items': [INDEXED['002_items'][0], 'drop index concurrently app.items_id;\ndrop table app.items;'],
      },
    });
    const migrator = world.open();
    await migrator.migrate();
    const blocker = await world.database.connect();
    await blocker.query('create view public.in_the_way as select * from app.items');
    expect(await problemOf(migrator.rollback())).toMatchObject({ sqlstate: '2BP01' });
    expect(await world.ledger()).toEqual(['001 1/1', '002 0/2 unfinished']);
    expect((await migrator.status()).migrations[1]).toMatchObject({ state: 'unfinished', undoing: true });
    await blocker.query('drop view public.in_the_way');
    world.events.length = 0;
    await migrator.migrate();
    expect(kinds(world.events)).toEqual([
      'migrations-pending',
      'rollback-started',
      'statement-skipped',
      'rows-at-stake',
      'rows-saved',
      'migration-reverted',
      'migration-started',
      'part-finished',
      'part-finished',
      'migration-applied',
    ]);
    expect(await validity(world.database)).toEqual([true]);
  });
});
