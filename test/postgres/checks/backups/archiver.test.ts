import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPitrBackup } from '../../../../src/checks/backups/prove-backup.ts';
import { type PostgresServer, startPostgres } from '../../../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../../../src/dev/reaper/start-reaper.ts';
import { setupWorld, type World } from '../world.ts';
import { PITR } from './world.ts';

describe('a backup to a point in time by the archiver of the server, which is asked where a target names nobody', () => {
  let world: World;
  let reaper: Reaper;
  let server: PostgresServer;

  beforeAll(async () => {
    world = await setupWorld();
    reaper = startReaper();
    const settings = { fsync: 'off', archive_mode: 'on', archive_command: 'mkdir -p archive && cp %p archive/%f' };
    server = await startPostgres({ reaper, settings });
  });
  afterAll(async () => {
    await server.stop();
    await reaper.close();
  });

  it('is proven where a segment that was closed now arrives', async () => {
    const outcome = await checkPitrBackup(world.context(server.superuserUrl), PITR);
    expect(outcome.summary).toMatch(/^WAL is archived: a segment closed now arrived in /);
    expect(outcome.evidence.map(({ name }) => name)).toEqual([
      'wal-archiving',
      'archive_mode',
      'proof',
      expect.stringMatching(/^segment [0-9A-F]{24}$/),
      'last archived',
      'failures',
      'waiting to be archived',
      'dumps of ours still running',
    ]);
  });

  it('is not proven by an archive_command that fails', async () => {
    const admin = new pg.Client({ connectionString: server.superuserUrl });
    await admin.connect();
    await admin.query(`alter system set archive_command = 'false'`);
    await admin.query('select pg_reload_conf()');
    await expect.poll(async () => (await admin.query('show archive_command')).rows[0].archive_command).toBe('false');
    await admin.end();
    const outcome = await checkPitrBackup(world.context(server.superuserUrl), PITR);
    expect(outcome.problem?.code).toBe('wal-archiving-failing');
    expect(outcome.evidence[0]).toEqual({
      name: 'wal-archiving',
      value: 'does not prove it: WAL archiving fails: there is no backup to this point in time',
    });
  });
});
