/** The built command: it does what the sources do, needs nothing of the checkout, and starts with what it needs and no more. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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

/** Parts that the quick file or another part loads, and that are not there. */
async function missingParts(dist: string): Promise<string[]> {
  const parts = (await readdir(path.join(dist, 'parts'))).map((name) => `parts/${name}`);
  const texts = await Promise.all(['main.js', ...parts].map((file) => readFile(path.join(dist, file), 'utf8')));
  const loaded = texts.flatMap((text) =>
    [...text.matchAll(/"\.\/(?:parts\/)?([\w.-]+\.mjs)"/g)].map(([, name]) => `parts/${name}`),
  );
  expect(loaded.length).toBeGreaterThan(20);
  return loaded.filter((name) => !parts.includes(name));
}

describe('the built command', () => {
  it('migrates, with the parser beside it, where there is no package and no checkout', async () => {
    const { code, stdout, stderr } = await drydock(['migrate', ...DIR]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^applied 002_body in /m);
    expect((await drydock(['status', ...DIR])).stdout).toMatch(/^\[x\] 002 body {3}applied /m);
    expect((await drydock(['rollback', '--count', '2', ...DIR])).code).toBe(0);
  });

  it('finds the parser also in its parts, for a block that commits by itself', async () => {
    await writeFile(path.join(folder, 'migrations/003_block.up.sql'), 'create table block as select 1 as id;');
    const down = '-- drydock:no-transaction\ndo $$ begin delete from block; commit; drop table block; end $$;';
    await writeFile(path.join(folder, 'migrations/003_block.down.sql'), down);
    expect((await drydock(['migrate', ...DIR])).code).toBe(0);
    const dry = await drydock(['rollback', '--dry-run', ...DIR]);
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain('--     public.block: 1 row\n');
    const { code, stdout, stderr } = await drydock(['rollback', '--count', '3', ...DIR]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ {2}saved to \S+-003_block; to put it back, once migrated again:$/m);
    for (const direction of ['up', 'down']) await rm(path.join(folder, `migrations/003_block.${direction}.sql`));
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

  it('is whole where three build it at once, two of them in one process', async () => {
    const script = path.join(folder, 'build.mjs');
    const bundle = JSON.stringify(path.join(ROOT, 'src/dev/build/bundle.ts'));
    const build = `buildCommand(${JSON.stringify(ROOT.replace(/\/$/, ''))}, ${JSON.stringify(path.join(folder, 'at-once'))})`;
    await writeFile(
      script,
      `import { buildCommand } from ${bundle};\nawait Promise.all(process.argv[2] === 'two' ? [${build}, ${build}] : [${build}]);\n`,
    );
    const builds = await Promise.all(['one', 'two'].map((count) => runCli([script, count])));
    expect(builds).toMatchObject(builds.map(() => ({ code: 0, stdout: '', stderr: '' })));
    expect((await drydock(['--version'], { dist: 'at-once' })).stdout).toBe(`${DRYDOCK_VERSION}\n`);
    expect(await missingParts(path.join(folder, 'at-once'))).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.startsWith('at-once'))).toEqual(['at-once']);
  });

  it('goes without what its compiler kept where that is not its own, and makes it anew', async () => {
    const caches = async () =>
      (await readdir(path.join(folder, 'dist'))).filter((name) => name.includes('.cache')).sort();
    const before = await caches();
    // From 22.8 on, Node keeps it where it thinks best.
    if (before.length === 0) return;
    const ofStatus = before.filter((name) => name.endsWith('.status.cache'));
    expect(ofStatus).toHaveLength(1);
    const file = path.join(folder, 'dist', ofStatus[0]!);
    await writeFile(file, 'something else');
    expect((await drydock(['status', ...DIR])).code).toBe(0);
    expect((await stat(file)).size).toBeGreaterThan(10_000);
    expect((await drydock(['status', ...DIR])).code).toBe(0);
    expect(await caches()).toEqual(before);
  });
});
