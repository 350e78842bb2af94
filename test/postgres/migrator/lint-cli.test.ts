/** `lint` as CI calls it: what it prints, writes and exits with. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../support/postgres.ts';
import { type CliResult, runCli, runDrydock } from '../../support/processes.ts';

let directory: string;
const lint = (...args: string[]): Promise<CliResult> =>
  runDrydock(['lint', '--dir', directory, '--schema', 'app', ...args]);

const FILES = {
  '001_table.up.sql': 'create schema app;\ncreate table app.t (id bigint primary key, a text);\n',
  '001_table.down.sql': 'drop table app.t;\ndrop schema app;\n',
  '002_index.up.sql': 'create index t_a on app.t (a);\n',
  '002_index.down.sql': 'drop index concurrently app.t_a;\n',
};

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'drydock-lint-'));
  for (const [name, sql] of Object.entries(FILES)) await writeFile(path.join(directory, name), sql);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('without a database', () => {
  it('the shipped migrations are clean: exit code 0', async () => {
    expect(await runCli(['src/cli/communication-migrate.ts', 'lint'])).toEqual({
      code: 0,
      signal: null,
      stdout:
        'nothing found in 9 migrations, taken as one plan\nno database was asked; as for PostgreSQL 14. Tables made here count as new; with --since <version> those made up to it are in use\n',
      stderr: '',
    });
  });

  it('all files are one plan, in which new tables are nobody else’s', async () => {
    expect((await lint()).code).toBe(0);
  });

  it('since a version they are in use: findings, and exit code 1', async () => {
    const { code, stdout, stderr } = await lint('--since', '001', '--server', '16');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toBe(`${directory}/002_index.up.sql

  error index-without-concurrently line 1:1
  CREATE INDEX takes SHARE on app.t: writers wait until the index is built
    1 | create index t_a on app.t (a);
      | ^
  Every row is read while the lock is held. Until the index is finished nobody can insert, update or
  delete, and on a large table that takes minutes.
  instead:
    create index CONCURRENTLY t_a on app.t (a);
  more: docs/lint/index-without-concurrently.md

1 error in 1 migration after 001
no database was asked; as for PostgreSQL 16
`);
  });

  it('as JSON: the whole report', async () => {
    const { code, stdout } = await lint('--since', '001', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      scope: { kind: 'since', version: '001' },
      database: null,
      migrations: 1,
      findings: [{ rule: 'index-without-concurrently', severity: 'error', migration: '002_index', line: 1, column: 1 }],
    });
  });

  it('as SARIF: printed, or written beside the text', async () => {
    const printed = await lint('--since', '001', '--sarif');
    expect(printed.code).toBe(1);
    expect(JSON.parse(printed.stdout)).toMatchObject({ version: '2.1.0', runs: [{ results: [{ level: 'error' }] }] });
    const file = path.join(directory, 'lint.sarif');
    const { stdout } = await lint('--since', '001', '--sarif', file);
    expect(stdout).toContain(`written to ${file}`);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(printed.stdout));
  });

  it('warnings fail where that is asked for', async () => {
    const file = path.join(directory, '003_style.up.sql');
    await writeFile(file, 'create table app.u (id bigint primary key, j json);\n');
    await writeFile(file.replace('.up.', '.down.'), 'drop table app.u;\n');
    expect((await lint()).code).toBe(0);
    expect((await lint('--fail-on', 'warning')).code).toBe(1);
    await rm(file);
    await rm(file.replace('.up.', '.down.'));
  });

  it.each([
    [['--fail-on', 'nothing'], '--fail-on nothing is none of them'],
    [['--server', 'new'], '--server new is no major version of PostgreSQL'],
    [['--all', '--since', '001'], '--all and --since were both given'],
    [['--since', '009'], 'there is no migration 009'],
  ])('%j is refused with exit code 2', async (args, message) => {
    const { code, stderr } = await lint(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('with a database', () => {
  it('what is pending on it, with its version and its tables', async () => {
    const database = await freshDatabase();
    const where = ['--url', database.url];
    const first = await lint(...where);
    expect(first.stdout).toMatch(/^nothing found in 2 migrations pending on \S+\n$/);
    await database.query('create schema app; create table app.t (id bigint primary key, a text)');
    const second = await lint(...where, '--json');
    expect(second.code).toBe(1);
    const { scope, findings } = JSON.parse(second.stdout);
    expect(scope).toEqual({ kind: 'pending' });
    expect(findings.map(({ rule }: { rule: string }) => rule)).toContain('index-without-concurrently');
    expect((await lint(...where, '--all')).code).toBe(0);
  });
});
