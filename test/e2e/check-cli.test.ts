/** The checklist alone, as a person calls it: without Temporal, in seconds. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, ROOT, runCli } from '../support/processes.ts';

const PROGRAM = 'src/cli/communication-migrate.ts';
const MIGRATIONS = [
  '001_schema',
  '002_channels',
  '003_templates',
  '004_policies',
  '005_threads',
  '006_messages',
  '007_recipients',
  '008_delivery',
  '009_participants',
].join(', ');

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await freshDatabase({ template: 'core' });
  folder = await mkdtemp(path.join(tmpdir(), 'drydock-check-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const cli = (...args: string[]): Promise<CliResult> => runCli([PROGRAM, 'check', ...args]);

describe('check --url', () => {
  it('prints each item with its evidence, what to do about those that fail, and a summary', async () => {
    const { code, stdout, stderr } = await cli('--url', database.url, '--only', 'quiet,dump-archives,dry-run');
    expect(stdout.replace(/statements to run: \d+/, 'statements to run: N')).toBe(
      [
        'checklist of communication on the database of --url',
        '',
        '✗ Logical backup of the last 4 hours, readable to its end [dump-archives]: the target ad-hoc does not say where its dumps are',
        '    found:      backups.archives is empty, and no provider proves a logical backup',
        '    expected:   patterns such as /backups/communication/*.dump, or a provider',
        '    next:       say with --archives where dumps are, or take one with backup; or make the database a target in drydock.yaml',
        '✓ Dry run of the nine migrations [dry-run]: 9 migrations on disk with their mirrors; 0 applied, 9 to apply',
        '    on disk, with mirrors: 9 (limit 9)',
        '    applied: 0',
        `    to apply, in this order: ${MIGRATIONS}`,
        '    statements to run: N',
        '    problems: none (limit none)',
        '    looked at in: a read-only transaction',
        '✓ Traffic on the tables at this moment [quiet]: nobody is at work',
        '    tables: core.organizations, core.users',
        '    at work on them: nobody',
        '    written within a second: nothing',
        '',
        '1 of 3 items failed: dump-archives (may be waived in a run); 4 not looked at',
        '',
      ].join('\n'),
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  it('looks at the whole checklist, in seconds, and changes nothing', async () => {
    const before = await database.query('select nspname from pg_namespace order by 1');
    const { stdout } = await cli('--url', database.url);
    expect(stdout.match(/^[✓✗] .*\[([a-z-]+)\]/gm)?.map((line) => /\[([a-z-]+)\]$/.exec(line)?.[1])).toEqual([
      'primary',
      'environment',
      'dump-archives',
      'wal-archiving',
      'replica-lag',
      'dry-run',
      'quiet',
    ]);
    expect(await database.query('select nspname from pg_namespace order by 1')).toEqual(before);
  });

  it('ends with 0 where all that it was asked for passed', async () => {
    const { code, stdout } = await cli('--url', database.url, '--only', 'primary, dry-run');
    expect(stdout).toMatch(/\nall 2 items passed; 5 not looked at\n$/);
    expect(code).toBe(0);
  });

  it('takes what no target says from its flags', async () => {
    // More than other tests may have attached to this server at the moment.
    const replicas = await cli('--url', database.url, '--only', 'replica-lag', '--replicas', '9');
    expect(replicas.code).toBe(1);
    expect(replicas.stdout).toContain(
      'next:       say with --replicas how many there are to be, or bring the missing one back',
    );
    const dumps = await cli(
      '--url',
      database.url,
      '--only',
      'dump-archives',
      '--archives',
      `${folder}/*.dump`,
      '--json',
    );
    expect(JSON.parse(dumps.stdout)).toMatchObject({
      runbook: 'communication',
      target: { name: 'ad-hoc', environment: 'not said' },
      failed: 1,
      leftOut: 6,
      items: [
        {
          id: 'dump-archives',
          title: 'Logical backup of the last 4 hours, readable to its end',
          waivable: true,
          outcome: { status: 'failed', problem: { code: 'dump-archives-none' } },
        },
      ],
    });
  });

  it('names whom a drain would have to wait for, never what they said', async () => {
    const client = await database.connect({ application_name: 'billing' });
    await client.query('begin');
    await client.query('lock core.organizations in row exclusive mode');
    const { code, stdout } = await cli('--url', database.url, '--only', 'quiet');
    expect(stdout).toMatch(
      /at work on them: pid \d+ \(billing, user postgres, from 127\.0\.0\.1, idle in transaction, for [\d.]+ s\) holds RowExclusiveLock on core\.organizations\n/,
    );
    expect(code).toBe(0);
    await client.query('rollback');
  });

  it('says of every item that the database cannot be had', async () => {
    const url = new URL(database.url);
    url.port = '1';
    const { code, stdout } = await cli('--url', url.href, '--only', 'primary,quiet');
    expect(code).toBe(1);
    expect(stdout.match(/^✗ /gm)).toHaveLength(2);
    expect(stdout).not.toContain(url.password);
    expect(stdout).toMatch(/\n2 of 2 items failed: primary, quiet; 5 not looked at\n$/);
  });
});

describe('check --target', () => {
  it('looks at the target as drydock.yaml has it, its secrets from the environment', async () => {
    const checkout = path.join(folder, 'checkout');
    await mkdir(checkout);
    await writeFile(
      path.join(checkout, 'drydock.yaml'),
      [
        'version: 1',
        'targets:',
        '  shop:',
        '    environment: production',
        '    url: { env: SHOP_URL }',
        '    backups: { archives: [nowhere/*.dump] }',
        '',
      ].join('\n'),
    );
    for (const name of ['runbooks', 'migrations/communication', 'src/data/communication']) {
      await cp(path.join(ROOT, name), path.join(checkout, name), { recursive: true });
    }
    const env = { SHOP_URL: database.url, DRYDOCK_ROOT: checkout };
    const { code, stdout } = await runCli(
      [`${ROOT}${PROGRAM}`, 'check', '--target', 'shop', '--only', 'dump-archives'],
      { env },
    );
    expect(stdout).toMatch(/^checklist of communication on the target shop \(environment production\)\n/);
    expect(code).toBe(1);
    const none = await runCli([`${ROOT}${PROGRAM}`, 'check', '--target', 'shop'], {
      env: { ...env, SHOP_URL: undefined },
    });
    expect(none.stderr).toMatch(/^url-variable-missing: /);
    expect(none.code).not.toBe(0);
  });
});

describe('refusals', () => {
  it.each([
    [['--only', 'dry-run,dry'], 'usage: the checklist has no item dry'],
    [['--only', ','], 'usage: --only names no item'],
    [['--replicas', 'two'], 'usage: --replicas has to be a number'],
    [['--target', 'demo'], 'usage: --url and --target were both given'],
    [['--nonsense'], "usage: unknown option '--nonsense'"],
  ])('%j ends with 2', async (args, first) => {
    const { code, stdout, stderr } = await cli('--url', database.url, ...args);
    expect({ code, stdout, first: stderr.split('\n')[0] }).toEqual({ code: 2, stdout: '', first });
  });

  it('of flags that a target answers itself', async () => {
    const { code, stderr } = await cli('--target', 'demo', '--replicas', '2');
    expect(stderr).toBe(
      [
        'usage: --replicas and --archives are for a database that is no target',
        '  found:      --target demo',
        '  expected:   the target says these things itself, in drydock.yaml',
        '  next:       leave them out, or use --url',
        '',
      ].join('\n'),
    );
    expect(code).toBe(2);
  });

  it('of a directory, which has no checklist', async () => {
    const args = ['check', '--dir', 'migrations/communication', '--url', database.url];
    const { code, stderr } = await runCli(['src/cli/drydock.ts', ...args]);
    expect(stderr).toBe(
      [
        'usage: check looks at the checklist of a runbook, and none was named',
        '  found:      --dir migrations/communication',
        '  expected:   --runbook <name>',
        '  next:       name a runbook',
        '',
      ].join('\n'),
    );
    expect(code).toBe(2);
  });
});
