import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkPitrBackup } from '../../../../src/checks/backups/prove-backup.ts';
import type { CheckContext } from '../../../../src/checks/context.ts';
import type { BackupProvider } from '../../../../src/model/backups.ts';
import type { CheckOutcome } from '../../../../src/model/outcome.ts';
import { findPgBackRest, type Repository, STANZA, startRepository } from '../../../support/pgbackrest.ts';
import { freshDatabase } from '../../../support/postgres.ts';
import { setupWorld, TARGET, urlAs, type World } from '../world.ts';
import { HOUR_MS, PITR } from './world.ts';

const found = await findPgBackRest();
const MINUTES_MS = 180_000;

describe('a backup to a point in time by pgBackRest', () => {
  let world: World;
  let repository: Repository;
  let admin: pg.Client;
  /** Set where this pgBackRest does not know this server. */
  let unfit: string | undefined;

  beforeAll(async () => {
    if (found.kind === 'missing') return;
    world = await setupWorld();
    repository = await startRepository(found.program);
    admin = new pg.Client({ connectionString: repository.server.superuserUrl });
    await admin.connect();
    await admin.query(`create role plain login password 'secret'`);
    expect((await ask()).problem?.code).toBe('pgbackrest-status');
    unfit = await repository.run('stanza-create').then(
      () => undefined,
      (error: Error) => {
        if (!/unexpected control version/i.test(error.message)) throw error;
        return error.message;
      },
    );
  }, MINUTES_MS);
  afterAll(async () => {
    await admin?.end();
    await repository?.stop();
  });
  beforeEach(({ skip }) => {
    skip(found.kind === 'missing', found.kind === 'missing' ? found.reason : '');
    skip(unfit !== undefined, `this pgbackrest does not take this server: ${unfit}`);
  });

  function provider(more: object = {}): BackupProvider {
    const program = found.kind === 'found' ? found.program : '';
    const { options } = repository;
    const maxBackupAgeMs = 7 * 24 * HOUR_MS;
    return { kind: 'pgbackrest', stanza: STANZA, program, arguments: [options[0]!], maxBackupAgeMs, ...more };
  }

  function ask(more: Partial<CheckContext> & { readonly url?: string } = {}, by = provider()): Promise<CheckOutcome> {
    const target = { ...TARGET, backups: { archives: [], providers: [by] } };
    return checkPitrBackup(world.context(more.url ?? repository.server.superuserUrl, { target, ...more }), PITR);
  }

  it('is not proven by a stanza without a backup', async () => {
    expect((await ask()).problem).toEqual({
      retry: 'stop',
      code: 'pgbackrest-status',
      message: 'pgBackRest says of the stanza main: no valid backups',
      found: 'status 2',
      expected: 'status 0 (ok)',
      next: 'pgbackrest --stanza=main check, and retry this item',
    });
  });

  it('is proven by a backup of this system and a segment that arrives in the repository now', async () => {
    await repository.run('backup', '--type=full');
    const { rows } = await admin.query('select system_identifier::text as system from pg_control_system()');
    const outcome = await ask();
    expect(outcome).toEqual({
      status: 'passed',
      summary: expect.stringMatching(
        /^the last backup of main, \d{8}-\d{6}F \(full\), is .* old; a segment closed now is in the repository$/,
      ),
      evidence: [
        { name: 'pgbackrest main', value: 'proves it' },
        { name: 'status', value: '0 (ok)', limit: '0 (ok)' },
        { name: 'system', value: rows[0].system, limit: rows[0].system },
        { name: 'last backup', value: expect.stringMatching(/^\d{8}-\d{6}F \(full\)$/) },
        { name: 'finished', value: expect.stringMatching(/^\S+Z, .* ago$/), limit: 'at most 7 d ago' },
        { name: 'errors in it', value: 'none', limit: 'none' },
        { name: 'WAL in the repository', value: expect.stringMatching(/^[0-9A-F]{24} to [0-9A-F]{24}$/) },
        { name: 'proof', value: 'a restore point was written and its segment closed' },
        {
          name: expect.stringMatching(/^segment [0-9A-F]{24}$/),
          value: expect.stringMatching(/^in the repository after .*s$/),
          limit: 'within 20 s',
        },
        { name: 'dumps of ours still running', value: 'none', limit: 'none' },
      ],
      measuredAt: expect.any(String),
    });
  });

  it('is proven by the counters of the server for a role that may close no segment, and says so', async () => {
    const outcome = await ask({ url: urlAs(repository.server.superuserUrl, 'plain') });
    expect(outcome.summary).toMatch(/; WAL of .*s ago is in the repository \(by the server's counters only\)$/);
  });

  it('is not proven by a backup that is too old', async () => {
    const now = new Date(Date.now() + 8 * 24 * HOUR_MS);
    expect((await ask({ now: () => now })).problem).toEqual({
      retry: 'stop',
      code: 'pgbackrest-backup-stale',
      message: expect.stringMatching(/^the last backup of main, \d{8}-\d{6}F, is too old$/),
      found: expect.stringMatching(/^finished 8 d.* ago$/),
      expected: 'at most 7 d ago',
      next: 'pgbackrest --stanza=main backup, and retry this item',
    });
  });

  it('is not proven for the database of another system', async () => {
    const { url } = await freshDatabase();
    expect((await ask({ url })).problem).toMatchObject({
      code: 'pgbackrest-of-another-system',
      message: 'the stanza main holds backups of another system',
      found: expect.stringMatching(/^system identifier \d{19}$/),
      expected: expect.stringMatching(/^\d{19}, the system of this database$/),
    });
  });

  it('is not proven by a stanza that is not there, nor by a program that is not', async () => {
    expect((await ask({}, provider({ stanza: 'other' }))).problem).toMatchObject({
      code: 'pgbackrest-status',
      message: 'pgBackRest says of the stanza other: missing stanza path',
    });
    expect((await ask({}, provider({ program: '/nonexistent/pgbackrest' }))).problem).toMatchObject({
      code: 'pgbackrest-failed',
      found: expect.stringMatching(/^it could not be started: .*ENOENT/),
    });
    expect((await ask({}, provider({ program: 'echo' }))).problem).toMatchObject({
      code: 'pgbackrest-not-understood',
      found: expect.stringMatching(/^no JSON: /),
    });
  });

  it(
    'is not proven once the WAL of the server does not get there',
    async () => {
      await admin.query(`alter system set archive_command = 'false'`);
      await admin.query('select pg_reload_conf()');
      await expect.poll(async () => (await admin.query('show archive_command')).rows[0].archive_command).toBe('false');
      expect((await ask()).problem).toEqual({
        retry: 'stop',
        code: 'pgbackrest-wal-missing',
        message: 'WAL of this server does not reach the repository of main',
        found: expect.stringMatching(/^[0-9A-F]{24} is not there; the last segment that is: [0-9A-F]{24}$/),
        expected: 'every segment that the server has closed',
        next: "look at archive_command and the server's log, then pgbackrest --stanza=main check, and retry this item",
      });
    },
    MINUTES_MS,
  );
});
