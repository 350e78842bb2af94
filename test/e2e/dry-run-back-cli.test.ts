/** What going back would do and lose, asked on the command line before it is done; and going down to no migration at all. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, runCli, runDrydock } from '../support/processes.ts';

const WHERE = ['--dir', 'migrations', '--schema', 'app'];
const FILES: Readonly<Record<string, string>> = {
  '001_schema.up.sql': 'create schema app;',
  '001_schema.down.sql': 'drop schema app;',
  '002_notes.up.sql': 'create table app.notes (id int primary key, body text);',
  '002_notes.down.sql': 'drop table app.notes;',
  '003_index.up.sql': 'create index concurrently notes_body on app.notes (body);',
  '003_index.down.sql': '-- its index\ndrop index concurrently app.notes_body;',
  '004_kind.up.sql': "alter table app.notes add column kind text default 'memo';",
  '004_kind.down.sql': 'alter table app.notes drop column kind;',
};

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

interface World {
  readonly database: TestDatabase;
  readonly write: (file: string, text: string) => Promise<void>;
  readonly drydock: (...args: string[]) => Promise<CliResult>;
  /** Everything that a dry run might have changed. */
  readonly state: () => Promise<unknown>;
}

/** A folder with migrations, all of them applied, with two rows; it is also the checkout with the targets. */
async function setup(): Promise<World> {
  const database = await freshDatabase();
  const folder = await mkdtemp(path.join(tmpdir(), 'drydock-dry-run-back-'));
  folders.push(folder);
  await mkdir(path.join(folder, 'migrations'));
  const write = (file: string, text: string) => writeFile(path.join(folder, file), text);
  for (const [name, sql] of Object.entries(FILES)) await write(`migrations/${name}`, sql);
  const drydock = (...args: string[]) =>
    runDrydock([...args, ...WHERE], {
      cwd: folder,
      env: { DATABASE_URL: database.url, DRYDOCK_ROOT: folder, USER: 'kim' },
    });
  expect(await drydock('migrate')).toMatchObject({ code: 0, stderr: '' });
  await database.query(`insert into app.notes values (1, 'a', null), (2, 'b', 'letter')`);
  const state = async () => [
    (JSON.parse((await drydock('fingerprint', '--json')).stdout) as { digest: string }).digest,
    await database.query('select * from app.schema_migrations order by version'),
    await database.query('select * from app.notes order by id'),
  ];
  return { database, write, drydock, state };
}

const steady = (text: string): string =>
  text
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'DIGEST')
    .replaceAll(/\S+@127\.0\.0\.1:\d+\/\w+/g, 'DATABASE')
    .replaceAll(/[\d.]+ kB/g, 'SIZE');

describe('rollback --dry-run', () => {
  it('shows the mirrors in order with their locks, and what would be lost, and changes nothing', async () => {
    const { drydock, state } = await setup();
    const before = await state();
    const { code, stdout, stderr } = await drydock('rollback', '--count', '3', '--dry-run');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(steady(stdout)).toMatchFileSnapshot('golden/dry-run-back.txt');
    expect(await state()).toEqual(before);
  });

  it('shows one step without a count, and as JSON', async () => {
    const { drydock, state } = await setup();
    const before = await state();
    const { code, stdout } = await drydock('rollback', '--dry-run', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      applied: 4,
      reverting: [
        {
          version: '004',
          name: 'kind',
          state: 'applied',
          path: 'migrations/004_kind.down.sql',
          sql: 'alter table app.notes drop column kind;',
          parts: [{ kind: 'transaction', statements: [{ line: 1, kind: 'AlterTableStmt' }] }],
        },
      ],
      again: [],
      touched: [{ table: 'app.notes' }],
      lost: [{ migration: { version: '004' }, tables: [{ table: 'app.notes', rows: 1, columns: ['kind'] }] }],
    });
    expect(await state()).toEqual(before);
  });

  it('says that rows would not be saved where that was asked for', async () => {
    const { drydock } = await setup();
    const { stdout } = await drydock('rollback', '--dry-run', '--allow-data-loss');
    expect(stdout).toMatch(/\n-- nothing was changed; the rollback would not save these rows\n$/);
  });

  it('refuses what the rollback would refuse, with 2, and says so where nothing is applied', async () => {
    const { drydock, write } = await setup();
    const tooMany = await drydock('rollback', '--dry-run', '--count', '9');
    expect(tooMany).toMatchObject({ code: 2, stdout: '' });
    expect(tooMany.stderr).toMatch(/^too-few-applied: 9 migrations cannot be rolled back\n/);
    await write('migrations/004_kind.down.sql', 'select 1;');
    expect((await drydock('rollback', '--dry-run')).stderr).toMatch(/^migration-edited: /);
    await write('migrations/004_kind.down.sql', FILES['004_kind.down.sql']!);
    expect(await drydock('to', 'none')).toMatchObject({ code: 0 });
    const nothing = await drydock('rollback', '--dry-run');
    expect(nothing.stdout).toMatch(/-- nothing to roll back: no migration is applied\n$/);
  });
});

describe('redo --dry-run', () => {
  it('shows the mirror, the file as it is now, and what would be lost', async () => {
    const { drydock, state, write } = await setup();
    await write('migrations/004_kind.up.sql', 'alter table app.notes add column kind int not null default 1;');
    const before = await state();
    const { code, stdout, stderr } = await drydock('redo', '--dry-run');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(steady(stdout)).toMatchFileSnapshot('golden/dry-run-redo.txt');
    expect(await state()).toEqual(before);
  });
});

describe('to --dry-run', () => {
  it('shows on the way down what would go', async () => {
    const { drydock, state } = await setup();
    const before = await state();
    const { code, stdout } = await drydock('to', '2', '--dry-run', '--json');
    expect(code).toBe(0);
    const { reverting, lost } = JSON.parse(stdout) as { reverting: { version: string }[]; lost: unknown[] };
    expect(reverting.map(({ version }) => version)).toEqual(['004', '003']);
    expect(lost).toHaveLength(2);
    expect((await drydock('to', 'none', '--dry-run')).stdout).toContain('-- 4 migrations applied; 4 to roll back');
    expect(await state()).toEqual(before);
  });

  it('shows on the way up what migrate --dry-run shows, up to that one', async () => {
    const { drydock, database } = await setup();
    await drydock('to', '1');
    const up = await drydock('to', '3', '--dry-run');
    expect(up).toMatchObject({ code: 0, stderr: '' });
    expect(up.stdout).toContain(
      '-- 4 migrations on disk, each with its mirror; 1 applied, none of them edited since; 2 to apply',
    );
    expect(up.stdout).toContain('-- 2 of 2: migrations/003_index.up.sql\n');
    expect(up).toEqual(await drydock('migrate', '--to', '3', '--dry-run'));
    expect(await database.query('select version from app.schema_migrations')).toEqual([{ version: '001' }]);
  });
});

describe('to none', () => {
  it('rolls everything back, saves the rows, and says where there is nothing to do', async () => {
    const { drydock, database } = await setup();
    const down = await drydock('to', 'none');
    expect(down).toMatchObject({ code: 0, stderr: '' });
    expect(down.stdout).toMatch(/\n4 migrations rolled back\n$/);
    expect(down.stdout).toContain('saved');
    expect(await database.query(`select to_regnamespace('app') as left`)).toEqual([{ left: null }]);
    const again = await drydock('to', '0');
    expect(again).toMatchObject({ code: 0, stdout: 'nothing to roll back: no migration is applied\n' });
  });

  it('is also called 0, as golang-migrate does, unless a migration has that number', async () => {
    const { drydock, database, write } = await setup();
    await drydock('to', 'none');
    await write('migrations/000_ground.up.sql', 'create schema ground;');
    await write('migrations/000_ground.down.sql', 'drop schema ground;');
    expect((await drydock('to', '0')).stdout).toMatch(/\n?1 migration applied\n$/);
    expect(await database.query('select version from app.schema_migrations')).toEqual([{ version: '000' }]);
    await drydock('to', 'none');
    expect(await database.query(`select to_regnamespace('ground') as left`)).toEqual([{ left: null }]);
  });

  it('wants the name of a production, as a reset does', async () => {
    const { drydock, write, state } = await setup();
    await write(
      'drydock.yaml',
      'version: 1\ntargets:\n  main:\n    environment: production\n    url: { env: DATABASE_URL }\n',
    );
    const before = await state();
    for (const none of ['none', '0']) {
      const refused = await drydock('to', none, '--target', 'main');
      expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: '' });
      expect(refused.stderr).toBe(
        [
          `confirmation-missing: the target main is a production: going to ${none} drops everything in it`,
          '  found:      no --confirm',
          '  expected:   --confirm main',
          `  next:       if it is meant, run pnpm tsx src/cli/drydock.ts to ${none} --confirm main --dir migrations --schema app --target main`,
          '',
        ].join('\n'),
      );
    }
    expect((await drydock('to', 'none', '--target', 'main', '--dry-run')).code).toBe(0);
    expect(await state()).toEqual(before);
    expect((await drydock('to', '3', '--target', 'main')).code).toBe(0);
    expect((await drydock('to', 'none', '--target', 'main', '--confirm', 'main')).code).toBe(0);
  });
});

describe('the command line of a runbook', () => {
  it('shows the way back as well', async () => {
    const database = await freshDatabase({ template: 'core' });
    const cli = (...args: string[]) => runCli(['src/cli/communication-migrate.ts', ...args, '--url', database.url]);
    expect(await cli('migrate')).toMatchObject({ code: 0, stderr: '' });
    const before = (await cli('fingerprint')).stdout;
    const { code, stdout, stderr } = await cli('to', 'none', '--dry-run', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const shown = JSON.parse(stdout) as { reverting: { version: string }[]; lost: { tables: unknown[] }[] };
    expect(shown.reverting.map(({ version }) => version).join(' ')).toBe('009 008 007 006 005 004 003 002 001');
    expect(shown.lost.flatMap(({ tables }) => tables)).toEqual([]);
    expect((await cli('redo', '--dry-run')).stdout).toContain('-- again: migrations/communication/009_');
    expect((await cli('fingerprint')).stdout).toBe(before);
    expect(JSON.parse((await cli('status', '--json')).stdout).migrations).toHaveLength(9);
  });
});
