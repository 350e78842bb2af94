import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import channels from '../../../src/data/communication/seed-channels.ts';
import { applySeed } from '../../../src/data/seed.ts';
import { dropClaim, takeClaim } from '../../../src/migrator/claim.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { migratedWorld, ROOT, type World } from './world.ts';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script as an operator does, with nothing of the surroundings but PATH and what is given. */
function run(script: string, args: readonly string[], variables: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', script, ...args],
      { cwd: ROOT, env: { PATH: process.env.PATH ?? '', ...variables } },
      (error, stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

const SEED = 'src/data/communication/seed-channels.ts';
const STUB = 'src/data/communication/core-stub.ts';

let world: World;
let bare: TestDatabase;

beforeAll(async () => {
  world = await migratedWorld();
  bare = await freshDatabase();
});

describe('the command of a seed', () => {
  test('inserts, says so, can be run again, and takes back with --undo', async () => {
    expect(await run(SEED, ['--url', world.url])).toEqual({
      code: 0,
      stdout: 'channels: 4 inserted, 0 already there\n',
      stderr: '',
    });
    const again = await run(SEED, ['--json'], { COMMUNICATION_DATABASE_URL: world.url });
    expect(JSON.parse(again.stdout)).toEqual({ seed: 'channels', inserted: 0, present: 4 });
    expect((await run(SEED, ['--url', world.url, '--undo'])).stdout).toBe('channels: 4 deleted\n');
  });

  test('explains itself, also when it is started by a symlink', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'drydock-seed-'));
    afterAll(() => rm(folder, { recursive: true }));
    const link = path.join(folder, 'seed.ts');
    symlinkSync(path.join(ROOT, SEED), link);
    expect((await run(link, ['--help'])).stdout).toBe(
      [
        'Usage: pnpm tsx src/data/communication/seed-channels.ts [options]',
        '',
        'Inserts the channels of the system that are not there yet.',
        '',
        '  --url <url>  the database; default: COMMUNICATION_DATABASE_URL',
        '  --undo       delete the rows that this seed inserted',
        '  --json       print JSON',
        '  --help       print this',
        '',
      ].join('\n'),
    );
  });

  test('without a URL says where it looked', async () => {
    expect(await run(SEED, [])).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        'database-url-missing: no database was named',
        '  found:      no --url, and COMMUNICATION_DATABASE_URL is not set',
        '  expected:   a URL such as postgres://user:password@host:5432/database',
        '  next:       pnpm tsx src/data/communication/seed-channels.ts --url $URL',
        '',
      ].join('\n'),
    });
  });

  test('refuses what it does not know', async () => {
    expect(await run(SEED, ['--undoo'])).toEqual({
      code: 2,
      stdout: '',
      stderr: `usage: Unknown option '--undoo'\n  next:       pnpm tsx src/data/communication/seed-channels.ts --help\n`,
    });
  });

  test('sends who has not migrated to the migrator', async () => {
    expect(await run(SEED, ['--url', bare.url])).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        'seed-requirement-missing: the seed channels cannot be applied',
        '  found:      the database has no table communication.channels',
        '  next:       pnpm tsx src/cli/communication-migrate.ts migrate --url $URL',
        '',
      ].join('\n'),
    });
  });

  test.each([{ args: [] }, { args: ['--undo'] }])('stands back while a run is at work: $args', async ({ args }) => {
    const client = await world.connect();
    const claim = await takeClaim(client, {
      workflowId: 'communication/local',
      runId: 'r1',
      namespace: 'default',
      operation: 'run',
    });
    await applySeed(client, channels, { runId: null });
    const seeded = await world.query('SELECT id FROM communication.channels ORDER BY id');
    const outcome = await run(SEED, ['--url', world.url, ...args]);
    expect(await world.query('SELECT id FROM communication.channels ORDER BY id')).toEqual(seeded);
    await dropClaim(client, claim.token);
    await client.end();
    expect((await run(SEED, ['--url', world.url, '--undo'])).stdout).toBe('channels: 4 deleted\n');
    expect(outcome).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        'claim-held: the run communication/local is at work on this database',
        `  found:      workflow communication/local, run r1, namespace default, since ${claim.claimedAt}`,
        '  expected:   nobody else at work',
        '  next:       wait until it has ended, or abort it; if it is gone for good, run `release-claim --holder communication/local`',
        '',
      ].join('\n'),
    });
  });

  test('never shows a stack trace or the password', async () => {
    const url = new URL(world.url);
    url.username = 'nobody_here';
    url.password = 'correct-horse';
    url.pathname = '/no_such_database';
    for (const args of [
      ['--url', url.href],
      ['--url', url.href, '--json'],
      ['--url', `x${url.href}`],
    ]) {
      const { code, stdout, stderr } = await run(SEED, args);
      expect(code).toBeGreaterThan(0);
      // With --json the problem is the one document on standard output.
      expect(args.includes('--json') ? stderr : stdout).toBe('');
      expect(stdout + stderr).not.toMatch(/correct-horse|\n\s+at /);
    }
  });
});

describe('the command of the stub of core', () => {
  test('makes both tables with sample rows, and leaves them alone afterwards', async () => {
    const database = await freshDatabase();
    expect(await run(STUB, ['--url', database.url])).toEqual({
      code: 0,
      stdout: 'core.organizations: made\ncore.users: made\n',
      stderr: '',
    });
    const again = await run(STUB, ['--url', database.url, '--json']);
    expect(JSON.parse(again.stdout)).toEqual({ created: [], kept: ['core.organizations', 'core.users'] });
    const counts =
      'SELECT (SELECT count(*)::int FROM core.organizations) AS o, (SELECT count(*)::int FROM core.users) AS u';
    expect(await database.query(counts)).toEqual([{ o: 1, u: 3 }]);
  });

  test('writes no rows into tables that it did not make', async () => {
    const database = await freshDatabase();
    await database.query('CREATE SCHEMA core; CREATE TABLE core.users (id uuid PRIMARY KEY)');
    expect(await run(STUB, ['--url', database.url])).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        'core-is-real: no sample rows were written',
        '  found:      core.organizations or core.users was not made by this command',
        '  expected:   tables of the stub',
        '  next:       pnpm tsx src/data/communication/core-stub.ts --empty --url $URL',
        '',
      ].join('\n'),
    });
    expect(await database.query(`SELECT to_regclass('core.organizations') AS made`)).toEqual([{ made: null }]);
    expect((await run(STUB, ['--url', database.url, '--empty'])).stdout).toBe(
      'core.organizations: made\ncore.users: already there, left alone\n',
    );
  });
});

test('importing a seed or the stub starts nothing', async () => {
  const script = [SEED, STUB].map((file) => `await import(${JSON.stringify(path.join(ROOT, file))});`).join('');
  const imported = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', `${script} process.stdout.write('imported')`],
      { cwd: ROOT },
      (error, stdout, stderr) => (error ? reject(error) : resolve(stdout + stderr)),
    );
  });
  expect(imported).toBe('imported');
});

test('the stub is plain SQL that can be run twice by any client', async () => {
  const sql = readFileSync(path.join(ROOT, 'src/data/communication/core-stub.sql'), 'utf8');
  await bare.query(sql);
  await bare.query(sql);
});
