import pg from 'pg';
import { expect, inject, test, vi } from 'vitest';
import { freshDatabase } from '../../support/postgres.ts';
import { startReplica } from '../../support/replica.ts';

test('a replica follows its primary, holds still while paused and catches up', async () => {
  const database = await freshDatabase();
  const replica = await startReplica(inject('postgres'), { name: 'follower' });
  const reader = new pg.Client({ connectionString: replica.server.databaseUrl(database.name) });
  await reader.connect();
  const rows = async (): Promise<number> => (await reader.query('select from a')).rowCount ?? 0;
  await database.query('create table a (id int)');
  await vi.waitFor(async () => expect(await rows()).toBe(0), 10_000);
  await replica.pause();
  await database.query('insert into a values (1)');
  await vi.waitFor(async () => {
    const [state] = await database.query(
      `select sent_lsn = pg_current_wal_flush_lsn() and replay_lsn < sent_lsn as behind
       from pg_stat_replication where application_name = 'follower'`,
    );
    expect(state).toEqual({ behind: true });
  }, 10_000);
  expect(await rows()).toBe(0);
  await replica.resume();
  await vi.waitFor(async () => expect(await rows()).toBe(1), 10_000);
  await reader.end();
  await replica.stop();
});
