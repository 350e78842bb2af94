import { describe, expect, it } from 'vitest';
import { HASTY, kinds, problemOf, setup, until, type World } from './world.ts';

/** A table with two partitions, and a migration that detaches one of them. */
async function detaching() {
  const world = await setup({
    migrations: {
      '001_parts': [
        `create schema app; create table app.whole (id int) partition by range (id);
         create table app.low partition of app.whole for values from (0) to (10);
         create table app.high partition of app.whole for values from (10) to (20);`,
        'drop table app.whole; drop table if exists app.low; drop schema app;',
      ],
      '002_detach': [
        'alter table app.whole detach partition app.low concurrently;',
        'alter table app.whole attach partition app.low for values from (0) to (10);',
      ],
    },
  });
  const migrator = world.open();
  const first = (await migrator.plan()).migrations[0]!.file!;
  await migrator.applyOne({ version: '001', upChecksum: first.up.checksum });
  world.events.length = 0;
  const partitions = async () =>
    (
      await world.database.query<{ line: string }>(
        `select inhrelid::regclass || case when inhdetachpending then ' pending' else '' end as line from pg_inherits order by 1`,
      )
    ).map(({ line }) => line);
  return { ...world, migrator, partitions };
}

/** A session with an open transaction that has run `sql`. */
async function holding({ database }: World, sql: string) {
  const holder = await database.connect();
  await holder.query(`begin; ${sql}`);
  return { release: () => holder.query('rollback') };
}

describe('DETACH PARTITION CONCURRENTLY', () => {
  it('that was half done is done to the end', async () => {
    const world = await detaching();
    const holder = await holding(world, 'select * from app.whole');
    const controller = new AbortController();
    const running = world.open({ signal: controller.signal }).migrate();
    running.catch(() => undefined);
    await until(async () => (await world.partitions()).includes('app.low pending'));
    controller.abort();
    expect(await problemOf(running)).toMatchObject({ code: 'interrupted' });
    await holder.release();
    await world.open().migrate();
    expect(await world.partitions()).toEqual(['app.high']);
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  });

  it('readers of the partition wait no longer than one try, however long another one reads it', async () => {
    const world = await detaching();
    const holder = await holding(world, 'select * from app.low');
    const reader = await world.database.connect();
    const running = world.migrator.migrate();
    const waits: number[] = [];
    const tries = () => world.events.filter(({ kind }) => kind === 'lock-timeout').length;
    while (tries() < 4) {
      const startedAt = performance.now();
      await reader.query('select * from app.low');
      waits.push(performance.now() - startedAt);
    }
    expect(Math.max(...waits)).toBeLessThan(HASTY.lockTimeoutMs * 10);
    expect((await reader.query('select * from app.whole')).rows).toEqual([]);
    await holder.release();
    await running;
    expect(await world.partitions()).toEqual(['app.high']);
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
    const seen = world.events.flatMap((event) => (event.kind === 'lock-timeout' ? event.blockers : []));
    expect(seen.length).toBeGreaterThan(0);
  });

  it('that never gets to its end says that the partition is half detached, and the next run goes on', async () => {
    const world = await detaching();
    const holder = await holding(world, 'select * from app.low');
    const lockPolicy = { ...HASTY, concurrentLockTimeoutMs: 1_000, totalMs: 1_000 };
    const problem = await problemOf(world.open({ lockPolicy }).migrate());
    expect(problem).toMatchObject({
      code: 'lock-timeout',
      message: 'applying 002_detach did not get its locks in 1 s',
      expected:
        'no session whose transaction is older, or that uses "app"."low", for longer than a moment; the partition is half detached, and "app"."whole" takes no rows for it any more',
      next: 'let those sessions finish or end them, then run the same command again',
    });
    expect(await world.partitions()).toEqual(['app.high', 'app.low pending']);
    await holder.release();
    await world.migrator.migrate();
    expect(await world.partitions()).toEqual(['app.high']);
    expect(kinds(world.events).at(-1)).toBe('migration-applied');
  });
});
