import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkWalArchiving } from '../../../src/checks/wal-archiving.ts';
import { type PostgresServer, startPostgres } from '../../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../../src/dev/reaper/start-reaper.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { setupWorld, urlAs, type World } from './world.ts';

const SPEC = { kind: 'wal-archiving', maxAgeMs: 4 * 3_600_000 } as const;
const ARCHIVE = 'mkdir -p archive && cp %p archive/%f';

describe('the check "wal-archiving"', () => {
  let world: World;
  let reaper: Reaper;
  let server: PostgresServer;
  let admin: pg.Client;

  beforeAll(async () => {
    world = await setupWorld();
    reaper = startReaper();
    const settings = { fsync: 'off', archive_mode: 'on', archive_command: ARCHIVE };
    server = await startPostgres({ reaper, settings });
    admin = new pg.Client({ connectionString: server.superuserUrl });
    await admin.connect();
    await admin.query(`create role plain login password 'secret'`);
  });
  afterAll(async () => {
    await admin.end();
    await server.stop();
    await reaper.close();
  });

  async function archiveBy(command: string): Promise<void> {
    await admin.query(`alter system set archive_command = '${command}'`);
    await admin.query('select pg_reload_conf()');
    const shown = async () => (await admin.query('show archive_command')).rows[0].archive_command;
    await expect.poll(shown).toBe(command === '' ? '' : command);
  }

  it('fails for a role that may only read the counters, while nothing was ever archived', async () => {
    const outcome = await checkWalArchiving(world.context(urlAs(server.superuserUrl, 'plain')), SPEC);
    expect(outcome).toEqual({
      status: 'failed',
      summary: 'no WAL segment was archived for too long',
      evidence: [
        { name: 'archive_mode', value: 'on', limit: 'on' },
        {
          name: 'proof',
          value: "the server's counters only: this role may not write a restore point and close a segment",
        },
        { name: 'last archived', value: 'never', limit: 'at most 4 h ago' },
        { name: 'failures', value: 'none since the last success', limit: 'none since the last success' },
        { name: 'waiting to be archived', value: 'not known: this role is no member of pg_monitor' },
      ],
      measuredAt: expect.any(String),
      problem: {
        retry: 'stop',
        code: 'wal-archiving-stale',
        message: 'no WAL segment was archived for too long',
        found: 'none was ever archived',
        expected: 'at most 4 h ago',
        next: 'GRANT EXECUTE ON FUNCTION pg_create_restore_point(text), pg_switch_wal() to this role so that it is proven on an idle server, and retry this item',
      },
    });
  });

  it('proves it on an idle server by closing a segment and waiting for it', async () => {
    const outcome = await checkWalArchiving(world.context(server.superuserUrl), SPEC);
    expect(outcome).toEqual({
      status: 'passed',
      summary: expect.stringMatching(/^WAL is archived: a segment closed now arrived in [\d.]+ m?s$/),
      evidence: [
        { name: 'archive_mode', value: 'on', limit: 'on' },
        { name: 'proof', value: 'a restore point was written and its segment closed' },
        {
          name: expect.stringMatching(/^segment [0-9A-F]{24}$/),
          value: expect.stringMatching(/^archived after /),
          limit: 'archived within 20 s',
        },
        { name: 'last archived', value: expect.stringMatching(/^[0-9A-F]{24}, .* ago$/) },
        { name: 'failures', value: 'none since the last success', limit: 'none since the last success' },
        { name: 'waiting to be archived', value: '0 segments' },
      ],
      measuredAt: expect.any(String),
    });
  });

  it('passes by the counters alone for a role that may not do that, and says so', async () => {
    const outcome = await checkWalArchiving(world.context(urlAs(server.superuserUrl, 'plain')), SPEC);
    expect(outcome.status).toBe('passed');
    expect(outcome.summary).toMatch(/^the last WAL segment was archived .* ago \(by the server's counters only\)$/);
  });

  it('fails once the archiver has given up, long before the time limit', async () => {
    await archiveBy('false');
    const startedAt = performance.now();
    const outcome = await checkWalArchiving(world.context(server.superuserUrl), SPEC);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'wal-archiving-failing',
      message: 'WAL archiving fails: there is no backup to this point in time',
      found: expect.stringMatching(/^the last try failed, on [0-9A-F]{24}; [3-9] failures counted$/),
      expected: 'no failure since the last success',
      next: "read the archiver's error in the server log, mend archive_command, and retry this item",
    });
    expect(outcome.evidence.at(-1)).toEqual({
      name: 'waiting to be archived',
      value: expect.stringMatching(/^\d+ segments?, the oldest for .*s$/),
    });
    const byCounters = await checkWalArchiving(world.context(urlAs(server.superuserUrl, 'plain')), SPEC);
    expect(byCounters.problem?.code).toBe('wal-archiving-failing');
  });

  it('fails where nothing archives although it is switched on', async () => {
    await archiveBy('');
    const outcome = await checkWalArchiving(world.context(server.superuserUrl), SPEC);
    expect(outcome.problem).toMatchObject({
      code: 'wal-archiving-off',
      found: 'archive_mode is on, archive_command and archive_library are empty',
    });
  });

  it('fails where archiving is off', async () => {
    const { url } = await freshDatabase();
    const outcome = await checkWalArchiving(world.context(url), SPEC);
    expect(outcome.evidence).toEqual([{ name: 'archive_mode', value: 'off', limit: 'on' }]);
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'wal-archiving-off',
      message: 'WAL archiving is off: there is no backup to a point in time',
      found: 'archive_mode is off',
      expected: 'archive_mode on, with an archive_command or archive_library',
      next: 'set archive_mode = on and archive_command, restart the server, take a base backup, and retry this item',
    });
  });
});
