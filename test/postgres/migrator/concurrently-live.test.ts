/** Builds of an index that others meet while they are under way. */
import { expect, it } from 'vitest';
import { buildPid, heldBuild, INDEXED, validity } from './concurrently-world.ts';
import { kinds, problemOf, setup, until } from './world.ts';

it('an interrupted build says what is left of it', async () => {
  const world = await setup({ migrations: INDEXED });
  const holder = await world.database.connect();
  await holder.query('begin isolation level repeatable read; select 1');
  const controller = new AbortController();
  const running = world.open({ signal: controller.signal }).migrate();
  running.catch(() => undefined);
  await buildPid(world.database);
  controller.abort();
  expect(await problemOf(running)).toMatchObject({
    code: 'interrupted',
    found: 'the build of items_id was cut off; what is left of it is dropped and built again',
  });
  await holder.query('rollback');
  await world.open().migrate();
  expect(await validity(world.database)).toEqual([true]);
});

it('a live build of another session is waited for, and never dropped', async () => {
  const world = await setup({ migrations: INDEXED });
  const first = await heldBuild(world);
  await world.database.query('select pg_cancel_backend($1)', [first.pid]);
  await problemOf(first.running);
  await first.release();
  // Somebody else builds it by hand before the migrator comes back.
  await world.database.query('drop index app.items_id');
  const holder = await world.database.connect();
  await holder.query('begin isolation level repeatable read; select 1');
  const builder = await world.database.connect();
  const built = builder.query('create index concurrently items_id on app.items (id)');
  const pid = await buildPid(world.database);
  const [before] = await world.database.query(`select 'app.items_id'::regclass::oid as oid`);
  world.events.length = 0;
  const running = world.open().migrate();
  await until(() => kinds(world.events).includes('waiting-for-build'));
  expect(world.events.find(({ kind }) => kind === 'waiting-for-build')).toEqual({
    kind: 'waiting-for-build',
    index: 'app.items_id',
    pid,
  });
  await holder.query('rollback');
  await built;
  await running;
  expect(kinds(world.events)).toContain('index-adopted');
  expect(await world.database.query(`select 'app.items_id'::regclass::oid as oid`)).toEqual([before]);
  expect(await world.ledger()).toEqual(['001 1/1', '002 2/2']);
});

it('two migrators at once with such a file build the index once', async () => {
  const { open, ledger, database } = await setup({ migrations: INDEXED });
  const both = await Promise.all([open().migrate(), open().migrate()]);
  expect(both.map((applied) => applied.length).sort()).toEqual([0, 2]);
  expect(await ledger()).toEqual(['001 1/1', '002 2/2']);
  expect(await validity(database)).toEqual([true]);
});
