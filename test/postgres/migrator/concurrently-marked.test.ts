/** Files that ask for no transaction, and what is built beside traffic in several statements. */
import { describe, expect, it } from 'vitest';
import { analyseFile } from '../../../src/migrator/statements.ts';
import { kinds, type Migrations, problemOf, setup, until, type World } from './world.ts';

const SCHEMA = ['create schema app;', 'drop schema app;'] as const;

const partsOf = async (sql: string, transaction?: 'none') => {
  const file = { path: 'f.sql', sql, checksum: '', ...(transaction ? { transaction } : {}) };
  const analysed = await analyseFile(file);
  return {
    transaction: analysed.transaction,
    parts: analysed.parts
      .map((part) => (part.kind === 'alone' ? `alone ${part.work.kind}` : `transaction(${part.statements.length})`))
      .join(' '),
  };
};

describe('the mark', () => {
  it.each([
    ['create table a ();\ncreate table b ();', 'auto', 'transaction(2)'],
    ['-- drydock:no-transaction\ncreate table a ();\ncreate table b ();', 'none', 'transaction(1) transaction(1)'],
    ['/* about it */\n  --  drydock:no-transaction  \n\ncreate table a ();', 'none', 'transaction(1)'],
    ['create table a ();\n-- drydock:no-transaction\ncreate table b ();', 'auto', 'transaction(2)'],
    ["comment on table a is '\n-- drydock:no-transaction\n';", 'auto', 'transaction(1)'],
    ['-- see drydock:no-transaction\ncreate table a ();', 'auto', 'transaction(1)'],
    [
      '-- drydock:no-transaction\ncall p();\ndo $$ begin end $$;\nvacuum;',
      'none',
      'alone block alone block alone other',
    ],
    [
      '-- drydock:no-transaction\nbegin;\ncreate table a ();\ncreate table b ();\ncommit;\ncreate index concurrently i on t (a);',
      'none',
      'transaction(2) alone create-index',
    ],
    ['create table a ();\ncall p();', 'auto', 'transaction(2)'],
  ])('%j', async (sql, transaction, parts) => {
    expect(await partsOf(sql)).toEqual({ transaction, parts });
  });

  it('of another tool counts where its reader has found it', async () => {
    expect(await partsOf('create table a (); create table b ();', 'none')).toEqual({
      transaction: 'none',
      parts: 'transaction(1) transaction(1)',
    });
  });

  it.each([
    ['begin;\ncreate table a ();', 'its BEGIN has no COMMIT'],
    ['create table a ();\ncommit;', 'COMMIT stands alone'],
    ['begin;\nvacuum;\ncommit;', 'this statement cannot be inside BEGIN … COMMIT'],
    ['begin;\ncreate table a ();\nrollback;', 'ROLLBACK stands alone'],
  ])('with %j is refused', async (sql, why) => {
    expect(await problemOf(partsOf(`-- drydock:no-transaction\n${sql}`))).toMatchObject({
      code: 'transaction-control-in-file',
      message: `f.sql begins or ends a transaction by itself: ${why}`,
    });
  });
});

describe('a file that is run statement by statement', () => {
  it('keeps what is done when a later statement fails, and goes on from there once it is mended', async () => {
    const world = await setup({
      migrations: {
        '001_schema': SCHEMA,
        '002_steps': [
          '-- drydock:no-transaction\ncreate table app.a (id int);\ninsert into app.a values (1);\ninsert into app.missing values (1);\ncreate index concurrently a_id on app.a (id);',
          'drop table app.a;',
        ],
      },
    });
    expect(await problemOf(world.open().migrate())).toMatchObject({ sqlstate: '42P01' });
    expect(await world.ledger()).toEqual(['001 1/1', '002 2/4 unfinished']);
    await world.database.query('create table app.missing (id int)');
    await world.open().migrate();
    expect(await world.ledger()).toEqual(['001 1/1', '002 4/4']);
    expect(await world.database.query('select count(*)::int as rows from app.a')).toEqual([{ rows: 1 }]);
  });

  it('lets a block commit by itself, and a block that does not is done with its row', async () => {
    const world = await setup({
      migrations: {
        '001_schema': SCHEMA,
        '002_batches': [
          `-- drydock:no-transaction
           create table app.a (id int);
           do $$ begin for n in 1 .. 3 loop insert into app.a values (n); commit; end loop; end $$;
           do $$ begin insert into app.a values (4); end $$;
           create procedure app.more() language plpgsql as $$ begin insert into app.a values (5); commit; end $$;
           call app.more();`,
          'drop procedure app.more; drop table app.a;',
        ],
      },
    });
    await world.open().migrate();
    expect(await world.database.query('select count(*)::int as rows from app.a')).toEqual([{ rows: 5 }]);
    expect(await world.ledger()).toEqual(['001 1/1', '002 5/5']);
  });

  it('waits briefly for what blocks others although it is in no transaction', async () => {
    const world = await setup({
      migrations: { '001_schema': SCHEMA, '002_items': ['create table app.items (id int);', 'drop table app.items;'] },
    });
    await world.open().migrate();
    await world.write('003_full.up.sql', 'vacuum (full) app.items;');
    await world.write('003_full.down.sql', 'select 1;');
    const reader = await world.database.connect();
    await reader.query('begin; select * from app.items');
    const running = world.open().migrate();
    await until(() => kinds(world.events).filter((kind) => kind === 'lock-timeout').length >= 2);
    await reader.query('commit');
    await running;
    expect((await world.ledger()).at(-1)).toBe('003 1/1');
  });
});

/** An index on every partition, each built beside the traffic, and then attached. */
const PARTITIONED: Migrations = {
  '001_schema': SCHEMA,
  '002_parts': [
    `create table app.whole (id int, n int) partition by range (id);
     create table app.low partition of app.whole for values from (0) to (10);
     create table app.high partition of app.whole for values from (10) to (20);`,
    'drop table app.whole;',
  ],
  '003_index': [
    `create index whole_n on only app.whole (n);
     create index concurrently low_n on app.low (n);
     alter index app.whole_n attach partition app.low_n;
     create index concurrently high_n on app.high (n);
     alter index app.whole_n attach partition app.high_n;`,
    'drop index app.whole_n;',
  ],
};

const indexes = (world: World) =>
  world.database.query<{ name: string; valid: boolean }>(
    `select c.relname as name, i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
      where c.relname ~ '_n$' order by 1`,
  );

describe('an index on a partitioned table', () => {
  it('is built partition by partition and is valid in the end', async () => {
    const world = await setup({ migrations: PARTITIONED });
    await world.open().migrate();
    expect(await indexes(world)).toEqual([
      { name: 'high_n', valid: true },
      { name: 'low_n', valid: true },
      { name: 'whole_n', valid: true },
    ]);
    expect(await world.open().rollback()).toMatchObject({ outcome: 'reverted' });
    expect(await indexes(world)).toEqual([]);
  });

  it('cut off in the middle is gone on with: what is attached stays, and the index of the whole is no debris', async () => {
    const world = await setup({ migrations: { ...PARTITIONED, '003_index': ['select 1;', 'select 1;'] } });
    await world.open().migrate();
    await world.open().rollback();
    await world.write('003_index.up.sql', PARTITIONED['003_index']![0]);
    await world.write('003_index.down.sql', PARTITIONED['003_index']![1]);
    const holder = await world.database.connect();
    await holder.query('begin isolation level repeatable read; select 1');
    const running = world.open().migrate();
    running.catch(() => undefined);
    const pid = await buildPid(world, 'low_n');
    await world.database.query('select pg_cancel_backend($1)', [pid]);
    await problemOf(running);
    await holder.query('rollback');
    expect(await indexes(world)).toEqual([
      { name: 'low_n', valid: false },
      { name: 'whole_n', valid: false },
    ]);
    world.events.length = 0;
    await world.open().migrate();
    expect(world.events.filter(({ kind }) => kind === 'debris-dropped')).toEqual([
      { kind: 'debris-dropped', index: 'app.low_n' },
    ]);
    expect((await indexes(world)).map(({ valid }) => valid)).toEqual([true, true, true]);
  });
});

async function buildPid(world: World, index: string): Promise<number> {
  let pid = 0;
  await until(async () => {
    const rows = await world.database.query<{ pid: number }>(
      `select pid from pg_stat_progress_create_index where datname = current_database() and index_relid = to_regclass($1)
          and phase = 'waiting for old snapshots'`,
      [`app.${index}`],
    );
    pid = rows[0]?.pid ?? 0;
    return pid > 0;
  });
  return pid;
}

it('four migrators at once with such files end well, and each index is built once', async () => {
  const world = await setup({
    migrations: {
      ...PARTITIONED,
      '004_marked': [
        '-- drydock:no-transaction\ncreate table app.a (id int);\ncreate index concurrently a_id on app.a (id);\nreindex index concurrently app.a_id;\ninsert into app.a values (1);',
        'drop table app.a;',
      ],
    },
  });
  const all = await Promise.all([1, 2, 3, 4].map(() => world.open().migrate()));
  expect(all.map((applied) => applied.length).sort()).toEqual([0, 0, 0, 4]);
  expect(await world.ledger()).toEqual(['001 1/1', '002 1/1', '003 5/5', '004 4/4']);
  expect(await world.database.query('select count(*)::int as rows from app.a')).toEqual([{ rows: 1 }]);
  expect(await world.database.query('select from pg_index where not indisvalid')).toEqual([]);
});
