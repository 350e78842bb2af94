/** Migrations with an index that is built CONCURRENTLY, and a build that waits until the test lets it go on. */
import type { TestDatabase } from '../../support/postgres.ts';
import { until, type World } from './world.ts';

/** Two parts: a table with rows, then its index. */
export const INDEXED = {
  '001_schema': ['create schema app;', 'drop schema app;'],
  '002_items': [
    'create table app.items (id int);\ninsert into app.items select generate_series(1, 1000);\ncreate index concurrently items_id on app.items (id);',
    'drop table app.items;',
  ],
} as const;

export const validity = async (database: TestDatabase) =>
  (
    await database.query<{ indisvalid: boolean }>(
      `select indisvalid from pg_index where indexrelid = to_regclass('app.items_id')`,
    )
  ).map(({ indisvalid }) => indisvalid);

/** The build waits for a transaction that was open before it; gives back how to let it go on. */
export async function heldBuild(world: World) {
  const holder = await world.database.connect();
  await holder.query('begin isolation level repeatable read; select 1');
  const running = world.open().migrate();
  running.catch(() => undefined);
  const pid = await buildPid(world.database);
  return { running, pid, release: () => holder.query('rollback') };
}

export async function buildPid(database: TestDatabase): Promise<number> {
  let pid: number | undefined;
  await until(async () => {
    const rows = await database.query<{ pid: number }>(
      'select pid from pg_stat_progress_create_index where datname = current_database()',
    );
    const here = await database.query<{ there: boolean }>(`select to_regclass('app.items_id') is not null as there`);
    pid = rows[0]?.pid;
    return pid !== undefined && here[0]!.there;
  });
  return pid!;
}
