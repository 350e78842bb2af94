/** The built command: it does what the sources do, needs nothing of the checkout, and starts with what it needs and no more. */
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCommand } from '../../src/dev/build/bundle.ts';
import { DRYDOCK_VERSION } from '../../src/migrator/version.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, ROOT, runCli } from '../support/processes.ts';

let folder: string;
let database: TestDatabase;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drydock-built-'));
  database = await freshDatabase();
  await buildCommand(ROOT.replace(/\/$/, ''), path.join(folder, 'dist'));
  const files = {
    'migrations/001_plain.up.sql': 'create table plain (id int);',
    'migrations/001_plain.down.sql': 'drop table plain;',
    'migrations/002_body.up.sql':
      'create function body() returns int language plpgsql as $$ begin return 1; end $$;\ncreate index concurrently plain_id on plain (id);',
    'migrations/002_body.down.sql': 'drop index plain_id; drop function body();',
  };
  await cp(path.join(ROOT, 'runbooks'), path.join(folder, 'checkout/runbooks'), { recursive: true });
  await cp(path.join(ROOT, 'migrations'), path.join(folder, 'checkout/migrations'), { recursive: true });
  await cp(path.join(ROOT, 'src/data'), path.join(folder, 'checkout/src/data'), { recursive: true });
  await mkdir(path.join(folder, 'migrations'));
  for (const [name, sql] of Object.entries(files)) await writeFile(path.join(folder, name), sql);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const drydock = (args: readonly string[], where: { dist?: string; cwd?: string } = {}): Promise<CliResult> =>
  runCli([path.join(folder, where.dist ?? 'dist', 'drydock.js'), ...args], {
    program: process.execPath,
    cwd: path.join(folder, where.cwd ?? ''),
    env: { DATABASE_URL: database.url },
  });

const DIR = ['--dir', 'migrations'];

describe('the built command', () => {
  it('migrates, with the parser beside it, where there is no package and no checkout', async () => {
    const { code, stdout, stderr } = await drydock(['migrate', ...DIR]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^applied 002_body in /m);
    expect((await drydock(['status', ...DIR])).stdout).toMatch(/^\[x\] 002 body {3}applied /m);
    expect((await drydock(['rollback', '--count', '2', ...DIR])).code).toBe(0);
  });

  it('is called drydock in its help and in the way out of a problem', async () => {
    expect((await drydock(['status', '--help'])).stdout).toMatch(/^Usage: drydock status \[options\]\n/);
    expect((await drydock(['status'])).stderr).toMatch(/\n {2}next: {7}drydock status --dir migrations /);
  });

  it('finds the checkout around the working directory', async () => {
    const inside = { cwd: 'checkout/migrations' };
    const { stdout, stderr } = await drydock(['status', '--runbook', 'communication', '--url', database.url], inside);
    expect(stderr).toBe('');
    expect(stdout).toContain('[ ] 001 schema\n');
  });

  it('starts, looks and finds nothing to do without any of its parts', async () => {
    await drydock(['migrate', ...DIR]);
    await cp(path.join(folder, 'dist'), path.join(folder, 'bare'), { recursive: true });
    await rm(path.join(folder, 'bare/parts'), { recursive: true });
    const bare = { dist: 'bare' };
    expect((await drydock(['--version'], bare)).stdout).toBe(`${DRYDOCK_VERSION}\n`);
    expect((await drydock(['status', ...DIR], bare)).code).toBe(0);
    expect((await drydock(['migrate', ...DIR], bare)).stdout).toBe('nothing to do: every migration is applied\n');
    await writeFile(path.join(folder, 'migrations/003_more.up.sql'), 'create table more (id int);');
    expect((await drydock(['migrate', ...DIR], bare)).stdout).toMatch(/^applied 003_more in /m);
  });

  it('goes without what its compiler kept where that is not its own, and makes it anew', async () => {
    const kept = (await readdir(path.join(folder, 'dist'))).find((name) => name.endsWith('.cache'));
    // From 22.8 on, Node keeps it where it thinks best.
    if (kept === undefined) return;
    const file = path.join(folder, 'dist', kept);
    await writeFile(file, 'something else');
    expect((await drydock(['status', ...DIR])).code).toBe(0);
    expect((await drydock(['status', ...DIR])).code).toBe(0);
    expect((await readdir(path.join(folder, 'dist'))).filter((name) => name.includes('.cache'))).toEqual([kept]);
  });
});
