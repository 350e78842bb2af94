/** `drydock` on a plain directory, as a person uses it who has nothing but files and a database: real processes, another folder. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, ROOT, runCli } from '../support/processes.ts';

const CALL = 'pnpm tsx src/cli/drydock.ts';
const TSX = ['--import', new URL('../../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href];

let database: TestDatabase;
let folder: string;

/** From a folder that is no checkout, with the URL in the environment. */
function drydock(...args: string[]): Promise<CliResult> {
  return runCli([...TSX, path.join(ROOT, 'src/cli/drydock.ts'), ...args], {
    program: process.execPath,
    cwd: folder,
    env: { DATABASE_URL: database.url, USER: 'kim' },
  });
}

/** What nobody can know beforehand, made equal. */
const steady = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIME')
    .replace(/in [\d.]+ m?s\b/g, 'in SPAN')
    .replace(/by kim@\S+/g, 'by WHO')
    .replace(/\S+@127\.0\.0\.1:\d+\/\w+/g, 'DATABASE');

beforeAll(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'drydock-directory-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const APP = ['--dir', 'db/migrations', '--schema', 'app'];

describe('a directory without a runbook', () => {
  it('begins with new, which writes pairs of files that say how to keep locks short', async () => {
    await writeFile(path.join(folder, 'db'), '');
    await rm(path.join(folder, 'db'));
    const missing = await drydock('new', 'schema', ...APP);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/^migrations-directory-missing: /);
    await drydock('new', 'schema', '--dir', 'migrations', '--schema', 'app');
    const second = await drydock('new', 'orders', '--dir', 'migrations', '--schema', 'app');
    expect(second).toMatchObject({
      code: 0,
      stderr: '',
      stdout: 'written: migrations/002_orders.up.sql\nwritten: migrations/002_orders.down.sql\n',
    });
    await expect(await readFile(path.join(folder, 'migrations/002_orders.up.sql'), 'utf8')).toMatchFileSnapshot(
      'golden/new-up.sql',
    );
    await expect(await readFile(path.join(folder, 'migrations/002_orders.down.sql'), 'utf8')).toMatchFileSnapshot(
      'golden/new-down.sql',
    );
  });

  it('gives two that are written at once two numbers', async () => {
    const names = ['one', 'two', 'three'];
    const written = await Promise.all(names.map((name) => drydock('new', name, '--dir', 'migrations')));
    expect(written.map(({ code }) => code)).toEqual([0, 0, 0]);
    const files = (await readdir(path.join(folder, 'migrations'))).filter((file) => /_(one|two|three)\./.test(file));
    expect(new Set(files.map((file) => file.slice(0, 3)))).toEqual(new Set(['003', '004', '005']));
    for (const file of files) await rm(path.join(folder, 'migrations', file));
  });

  it('is migrated, looked at and taken back', async () => {
    const append = async (file: string, sql: string) =>
      writeFile(path.join(folder, 'migrations', file), sql, { flag: 'a' });
    await append('001_schema.up.sql', 'create schema if not exists app;\n');
    await append('001_schema.down.sql', 'drop schema app;\n');
    await append('002_orders.up.sql', 'create table app.orders (id int primary key);\n');
    await append('002_orders.down.sql', 'drop table app.orders;\n');
    const where = ['--dir', 'migrations', '--schema', 'app'];
    const plan = await drydock('plan', ...where);
    expect(plan.stdout).toMatch(/2 migrations on disk, each with its mirror; 0 applied; 2 to apply, in this order\n/);
    expect(plan).toMatchObject({ code: 0, stderr: '' });
    expect(steady((await drydock('migrate', ...where)).stdout)).toBe(
      [
        '2 migrations to apply, 0 applied already',
        'applying 001_schema',
        'applied 001_schema in SPAN',
        'applying 002_orders',
        'applied 002_orders in SPAN',
        '2 migrations applied in SPAN',
        '',
      ].join('\n'),
    );
    expect(steady((await drydock('status', ...where)).stdout)).toMatch(
      /^database DATABASE\n\n\[x\] 001 schema {2}applied TIME in SPAN by WHO\n\[x\] 002 orders {2}applied TIME/,
    );
    expect(await drydock('migrate', ...where)).toMatchObject({
      code: 0,
      stdout: 'nothing to do: every migration is applied\n',
    });
    expect(steady((await drydock('to', '1', ...where)).stdout)).toBe(
      'rolling back 002_orders\nrolled back 002_orders in SPAN\n1 migration rolled back\n',
    );
    expect(steady((await drydock('redo', ...where)).stdout)).toBe(
      [
        'rolling back 001_schema',
        'rolled back 001_schema in SPAN',
        '1 migration to apply, 0 applied already',
        'applying 001_schema',
        'applied 001_schema in SPAN',
        '',
      ].join('\n'),
    );
    expect((await drydock('migrate', '--one-transaction', ...where)).stdout).toMatch(
      /\n1 migration applied in one transaction in /,
    );
    expect((await drydock('rollback', '--count', '2', ...where)).stdout).toMatch(
      /^2 migrations to roll back: 002_orders, 001_schema\n/,
    );
  });

  it('names the whole command in the way out of a problem', async () => {
    const where = [
      '--dir',
      'migrations',
      '--schema',
      'app',
      '--ledger-schema',
      'book keeping',
      '--set',
      'secret=geheim',
    ];
    const { code, stderr } = await drydock('to', '9', ...where, '--url', database.url);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: [
        'migration-unknown: there is no migration 9',
        '  found:      2 on disk, 001_schema to 002_orders',
        '  expected:   the number of one of them; the nearest is 002_orders',
        `  next:       look at ${CALL} status --dir migrations --schema app --ledger-schema 'book keeping' --set secret=VALUE --url $URL`,
        '',
      ].join('\n'),
    });
  });
});

describe('a call that cannot be meant', () => {
  it.each([
    [['status'], 'usage: it was not said which migrations\n'],
    [['status', '--dir', 'x', '--runbook', 'communication'], 'usage: --dir was given for a runbook\n'],
    [['statsu', '--dir', 'x'], 'usage: there is no command "statsu"; did you mean "status"?\n'],
    [['migrate', '--dir', 'migrations', '--lock-timeout', '5'], 'usage: --lock-timeout has to be a duration\n'],
    [
      ['migrate', '--dir', 'migrations', '--dry-run', '--one-transaction'],
      'usage: --dry-run shows each migration in a transaction of its own',
    ],
    [['migrate', '--dir', 'migrations', '--set', 'novalue'], 'usage: --set has to be a name and a value\n'],
    [['rollback', '--dir', 'migrations', '--count', '0'], 'usage: --count has to be a whole number above 0\n'],
    [['to', '--dir', 'migrations'], "usage: missing required argument 'version'\n"],
    [['verify', '--dir', 'migrations'], 'usage: verify runs the validations of a runbook, and none was named\n'],
    [['new', '../x', '--dir', 'migrations'], 'migration-name-invalid: "../x" cannot be the name of a migration\n'],
  ])('%j is refused with 2', async (args, message) => {
    const { code, stdout, stderr } = await drydock(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(message), stderr).toBe(true);
  });
});
