/** All pending migrations in one transaction: every one, or none. */
import { describe, expect, it } from 'vitest';
import { kinds, problemOf, SIMPLE, setup, until } from './world.ts';

const together = { transactions: 'one' } as const;

describe('in one transaction', () => {
  it('all are applied with one commit, each with its row', async () => {
    const world = await setup();
    const applied = await world.open().migrate(together);
    expect(applied.map((one) => one.version)).toEqual(['001', '002', '003']);
    const writers = await world.database.query(`select distinct started_at from app.schema_migrations`);
    expect(writers).toHaveLength(1);
    expect(await world.ledger()).toHaveLength(3);
    expect(await world.open().migrate(together)).toEqual([]);
  });

  it('one that fails takes all others with it, the ledger too, and its place is named', async () => {
    const world = await setup();
    await world.write('003_children.up.sql', 'create table app.children ();\nselect 1 / 0;\n');
    expect(await problemOf(world.open().migrate(together))).toMatchObject({
      code: 'migration-failed',
      message: 'applying 003_children failed: division by zero',
      found: 'migrations/app/003_children.up.sql:2:1\n  2 | select 1 / 0;\n      ^',
    });
    expect(await world.database.query(`select to_regnamespace('app') as made`)).toEqual([{ made: null }]);
  });

  it('a file that asks for no transaction is refused, also where PostgreSQL would take it, and nothing is begun', async () => {
    const world = await setup({
      migrations: {
        ...SIMPLE,
        '004_fill': ["-- drydock:no-transaction\ninsert into app.parents values (1, 'a');", 'delete from app.parents;'],
      },
    });
    expect(await problemOf(world.open().migrate(together))).toMatchObject({
      code: 'needs-own-transaction',
      message: '004_fill cannot be in one transaction with others',
      found: 'the file asks for no transaction',
      next: 'run `migrate` without --one-transaction',
    });
    expect(await world.database.query(`select to_regnamespace('app') as made`)).toEqual([{ made: null }]);
  });

  it('a file that needs to be outside of one is refused, with its line, and nothing is begun', async () => {
    const world = await setup({
      migrations: {
        ...SIMPLE,
        '004_index': ['\ncreate index concurrently parents_id on app.parents (id);', 'drop index app.parents_id;'],
      },
    });
    expect(await problemOf(world.open().migrate(together))).toEqual({
      code: 'needs-own-transaction',
      message: '004_index cannot be in one transaction with others',
      found: expect.stringMatching(/^migrations\/app\/004_index.up.sql:2:1\n {2}2 \| create index concurrently/),
      expected: 'statements only that PostgreSQL allows in a transaction',
      next: 'run `migrate` without --one-transaction',
      retry: 'stop',
    });
    expect(world.events).toEqual([]);
    expect(await world.ledger()).toEqual([]);
  });

  it('somebody in the way of one makes all of them be tried again', async () => {
    const world = await setup();
    await world.open().migrate({ to: '2' });
    const holder = await world.database.connect();
    await holder.query('begin; lock table app.parents in access exclusive mode');
    const running = world.open().migrate(together);
    await until(() => kinds(world.events).includes('lock-timeout'));
    await holder.query('rollback');
    expect(await running).toMatchObject([{ version: '003' }]);
    expect(kinds(world.events).filter((kind) => kind === 'migration-started')).toHaveLength(3);
  });
});
