/** The migration command line as the user's document calls it, from the first status to the last rollback. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, ROOT, runCli } from '../support/processes.ts';

const PROGRAM = 'src/cli/communication-migrate.ts';
const VARIABLE = 'COMMUNICATION_DATABASE_URL';
const NAMES = [
  'schema',
  'channels',
  'templates',
  'policies',
  'threads',
  'messages',
  'recipients',
  'delivery',
  'participants',
];
const VERSIONS = NAMES.map((name, index) => `00${index + 1}_${name}`);
const TABLES =
  'tables: communication.channels, communication.delivery_attempts, communication.message_recipients,\n  communication.messages, communication.policies, communication.templates,\n  communication.thread_participants, communication.threads\n';

let database: TestDatabase;
const cli = (...args: string[]): Promise<CliResult> => runCli([PROGRAM, ...args, '--url', database.url]);
const where = () => `postgres@${new URL(database.url).host}/${database.name}`;

const unapplied = (from: number) => NAMES.slice(from).map((name, index) => `[ ] 00${from + index + 1} ${name}`);

/** What nobody can know beforehand, made equal: times, durations, who. */
const steady = (text: string) =>
  text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIME')
    .replace(/in [\d.]+ m?s\b/g, 'in SPAN')
    .replace(/by \S+@\S+/g, 'by WHO');

const applied = (count: number) =>
  NAMES.slice(0, count).map((name, index) => `[x] 00${index + 1} ${name.padEnd(12)}  applied TIME in SPAN by WHO`);

beforeAll(async () => {
  database = await freshDatabase({ template: 'core' });
});
afterAll(async () => {
  const folder = `${ROOT}.drydock/saved`;
  const saved = await readdir(folder).catch(() => []);
  for (const name of saved.filter((one) => one.startsWith(database.name))) {
    await rm(`${folder}/${name}`, { recursive: true });
  }
});

describe('the user document, word by word', () => {
  it('status on an empty database shows nine [ ] and makes nothing', async () => {
    const { code, stdout, stderr } = await cli('status');
    expect(stdout).toBe(
      [`database ${where()}`, '', ...unapplied(0), '', 'tables in communication: none', ''].join('\n'),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await database.query(`select to_regnamespace('communication') as made`)).toEqual([{ made: null }]);
  });

  it('migrate --dry-run shows the order and the SQL, and changes nothing', async () => {
    const { code, stdout, stderr } = await cli('migrate', '--dry-run');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      `-- dry run on ${where()}: read-only, nothing is changed`,
      '-- 9 migrations on disk, each with its mirror; 0 applied; 9 to apply, in this order',
    ]);
    expect(stdout.match(/^-- \d of 9: .*/gm)).toEqual(
      VERSIONS.map((name, index) => `-- ${index + 1} of 9: migrations/communication/${name}.up.sql`),
    );
    expect(stdout).toContain('CREATE TABLE communication.messages (');
    expect(stdout).toContain('a statement outside a transaction from line');
    expect(await database.query(`select to_regnamespace('communication') as made`)).toEqual([{ made: null }]);
  });

  it('migrate applies them in order and records their checksums', async () => {
    const { code, stdout, stderr } = await cli('migrate');
    const parts = [1, 2, 3].map((part) => `  008_delivery: part ${part} of 3 done`);
    const lines = VERSIONS.flatMap((name) =>
      name === '008_delivery'
        ? [`applying ${name} (3 parts)`, ...parts, `applied ${name} in SPAN`]
        : [`applying ${name}`, `applied ${name} in SPAN`],
    );
    expect(steady(stdout)).toBe(
      ['9 migrations to apply, 0 applied already', ...lines, '9 migrations applied in SPAN', ''].join('\n'),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = await database.query(
      `select version from communication.schema_migrations where up_checksum ~ '^[0-9a-f]{64}$' and down_checksum ~ '^[0-9a-f]{64}$'`,
    );
    expect(rows).toHaveLength(9);
  });

  it('status then shows nine [x] and the tables', async () => {
    const { code, stdout } = await cli('status');
    expect(steady(stdout)).toBe([`database ${where()}`, '', ...applied(9), '', TABLES].join('\n'));
    expect(code).toBe(0);
  });

  it('migrate again has nothing to do', async () => {
    expect(await cli('migrate')).toMatchObject({
      code: 0,
      stdout: 'nothing to do: every migration is applied\n',
      stderr: '',
    });
  });

  it('verify runs every validation, and ends with 1 where one fails', async () => {
    const without = await cli('verify');
    expect(without.code).toBe(1);
    expect(without.stdout).toMatch(/^✗ .*\[smoke-place\]/m);
    await database.query(await sampleRows());
    const { code, stdout, stderr } = await cli('verify');
    expect(stdout).toMatch(/^(✓ .*\n)+\nall \d checks passed\n$/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await database.query('select count(*)::int as count from communication.messages')).toEqual([{ count: 0 }]);
  });

  it('reset goes from participants to schema and up again, and rows are saved first', async () => {
    await runCli(['src/data/communication/seed-channels.ts', '--url', database.url]);
    const { code, stdout } = await cli('reset');
    expect(code).toBe(0);
    expect(stdout.match(/^(rolled back|applied) \S+/gm)).toEqual([
      ...[...VERSIONS].reverse().map((name) => `rolled back ${name}`),
      ...VERSIONS.map((name) => `applied ${name}`),
    ]);
    expect(stdout).toMatch(
      /loses what is in:\n {4}communication.channels: 4 rows\n {2}saved to \S+-002_channels; to put it back/,
    );
    expect(stdout).toMatch(/\nreset done: 9 rolled back, 9 applied\n$/);
    expect(await database.query('select count(*)::int as count from communication.channels')).toEqual([{ count: 0 }]);
  });

  it('rollback goes one step, and repeated it ends with nine [ ], no table and no error', async () => {
    expect(steady((await cli('rollback')).stdout)).toBe(
      'rolling back 009_participants\nrolled back 009_participants in SPAN\n',
    );
    expect(
      steady((await cli('status')).stdout)
        .split('\n')
        .slice(2, 11),
    ).toEqual([...applied(8), '[ ] 009 participants']);
    for (let left = 8; left > 0; left -= 1) expect((await cli('rollback')).code).toBe(0);
    expect(await cli('rollback')).toMatchObject({
      code: 0,
      stdout: 'nothing to roll back: no migration is applied\n',
      stderr: '',
    });
    const { stdout } = await cli('status');
    expect(stdout).toBe(
      [`database ${where()}`, '', ...unapplied(0), '', 'tables in communication: none', ''].join('\n'),
    );
    expect(await database.query(`select to_regnamespace('communication') as left_over`)).toEqual([{ left_over: null }]);
  });
});

describe('besides', () => {
  it('the database can be named by the variable, also from another folder', async () => {
    const { code, stdout } = await runCli([`${ROOT}${PROGRAM}`, 'status'], {
      env: { [VARIABLE]: database.url },
      cwd: `${ROOT}test`,
    });
    expect(stdout).toContain(`database ${where()}`);
    expect(code).toBe(0);
  });

  it('status --exit-code ends with 3 while something is pending', async () => {
    expect((await cli('status', '--exit-code')).code).toBe(3);
    expect((await cli('status')).code).toBe(0);
  });

  it('--json prints one document on standard output, and progress on standard error', async () => {
    const migrated = await cli('migrate', '--json');
    expect(JSON.parse(migrated.stdout).applied.map((one: { version: string }) => one.version)).toHaveLength(9);
    expect(migrated.stderr).toMatch(/^9 migrations to apply, 0 applied already\n/);
    const status = JSON.parse((await cli('status', '--json')).stdout);
    expect(status.migrations[0]).toMatchObject({ version: '001', name: 'schema', state: 'applied' });
    expect((await cli('status', '--exit-code')).code).toBe(0);
    const dryRun = JSON.parse((await cli('migrate', '--dry-run', '--json')).stdout);
    expect(dryRun).toMatchObject({ onDisk: 9, applied: 9, pending: [], problems: [] });
    const verified = JSON.parse((await cli('verify', '--json')).stdout);
    expect(verified.items[0]).toMatchObject({ id: 'structural', outcome: { status: 'passed' } });
    expect(JSON.parse((await cli('rollback', '--json')).stdout)).toMatchObject({
      outcome: 'reverted',
      version: '009',
      saved: [],
    });
    expect(JSON.parse((await cli('reset', '--json')).stdout)).toMatchObject({
      reverted: { length: 8 },
      applied: { length: 9 },
    });
  });

  it('--help says what there is', async () => {
    const { code, stdout, stderr } = await runCli([PROGRAM, 'rollback', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'Usage: pnpm tsx src/cli/communication-migrate.ts rollback [options]',
        '',
        'Undo the most recent migration by its mirror, or clear what an unfinished one',
        'left. Rows are saved first.',
        '',
        'Options:',
        '  --url <url>                     the database; default: the variable',
        '                                  COMMUNICATION_DATABASE_URL',
        '  --target <name>                 the database of a target in drydock.yaml',
        '  --allow-data-loss               do not save the rows that are dropped',
        '  --count <number>                so many steps; default: 1',
        '  --dry-run                       show order, SQL, locks and the rows that would',
        '                                  be lost; tried and taken back, nothing is',
        '                                  changed',
        '  --lock-timeout <duration>       one try to get locks; readers behind it wait',
        '                                  no longer; default: 500ms',
        '  --lock-wait <duration>          all tries of one step together; default: 2m',
        '  --statement-timeout <duration>  how long a statement that changes rows may',
        '                                  run, 0s: no limit; default: 15m',
        '  --cancel-blockers <who>         sessions in the way to cancel: an application,',
        '                                  report-*, or user=<name>',
        '  --terminate-blockers <who>      the same, and ended where cancelling does not',
        '                                  help',
        '  --blockers-after <duration>     how long to wait before either; default: 10s',
        '  --in-doubt <answer>             of a statement that may have been run before:',
        '                                  assume-done or run-again',
        '  --json                          print one JSON document; progress goes to',
        '                                  standard error',
        '  -h, --help                      display help for command',
        '',
      ].join('\n'),
    );
  });
});

function sampleRows(): Promise<string> {
  return readFile(`${ROOT}src/data/communication/core-stub-sample.sql`, 'utf8');
}
