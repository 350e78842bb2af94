/** The built command: it does what the sources do, needs nothing of the checkout, and starts with what it needs and no more. */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCommand, writeStart } from '../../src/dev/build/bundle.ts';
import { replaceFolder } from '../../src/dev/build/replace-folder.ts';
import { DRYDOCK_VERSION } from '../../src/migrator/version.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, ROOT, runCli, startCli } from '../support/processes.ts';

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

const caches = async (dist = 'dist') =>
  (await readdir(path.join(folder, dist))).filter((name) => name.includes('.cache')).sort();

/** From 22.8 on, Node keeps it where it thinks best. */
const hasOwnCache = !('enableCompileCache' in Module);

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
    const before = await caches();
    if (!hasOwnCache) return;
    const ofStatus = before.filter((name) => name.endsWith('.status.cache'));
    expect(ofStatus).toHaveLength(1);
    const file = path.join(folder, 'dist', ofStatus[0]!);
    await writeFile(file, 'something else');
    expect((await drydock(['status', ...DIR])).code).toBe(0);
    expect((await stat(file)).size).toBeGreaterThan(10_000);
    expect((await drydock(['status', ...DIR])).code).toBe(0);
    expect(await caches()).toEqual(before);
  });

  it('is known to its start by every name of a command', async () => {
    const { stdout } = await drydock(['--help']);
    const names = [...stdout.split('\nCommands:\n')[1]!.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
    const start = await readFile(path.join(folder, 'dist/drydock.js'), 'utf8');
    const known = /const COMMANDS =\s+'([^']+)'/.exec(start)![1]!.split(' ');
    expect(known).toEqual(names.filter((name) => name !== 'help'));
  });

  it('keeps one thing for all words that are no command', async () => {
    await cp(path.join(folder, 'dist'), path.join(folder, 'typos'), { recursive: true });
    for (const name of await caches('typos')) await rm(path.join(folder, 'typos', name));
    for (const word of ['statsu', 'constructor', 'mirgate']) await drydock([word], { dist: 'typos' });
    if (!hasOwnCache) return;
    const hash = createHash('sha256')
      .update(await readFile(path.join(folder, 'typos/main.js')))
      .digest('hex');
    expect(await caches('typos')).toEqual([`main.${hash.slice(0, 16)}.${process.version}.${process.arch}.any.cache`]);
  });

  it('runs what is there, also where one of an older build has ended meanwhile', async () => {
    const swapped = path.join(folder, 'swapped');
    await cp(path.join(folder, 'dist'), swapped, { recursive: true });
    await drydock(['rollback', '--count', '9', ...DIR]);
    await drydock(['migrate', ...DIR]);
    for (const name of await caches('swapped')) await rm(path.join(swapped, name));
    await cp(swapped, `${swapped}-new`, { recursive: true });
    const main = path.join(`${swapped}-new`, 'main.js');
    // As long as before, which is all that the compiler looks at.
    await writeFile(main, (await readFile(main, 'utf8')).replaceAll('nothing to do: every', 'NOTHING to do: every'));
    await writeStart(ROOT, `${swapped}-new`);
    await writeFile(path.join(folder, 'migrations/009_wait.up.sql'), 'alter table plain add column more int;');
    const holder = await database.connect();
    await holder.query('begin; lock table plain in access exclusive mode');
    const old = startCli([path.join(swapped, 'drydock.js'), 'migrate', ...DIR], {
      program: process.execPath,
      cwd: folder,
      env: { DATABASE_URL: database.url },
    });
    const isWaiting =
      'select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())';
    while ((await database.query(isWaiting)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await replaceFolder(`${swapped}-new`, swapped);
    await holder.query('rollback');
    expect((await old.ended).code).toBe(0);
    expect((await drydock(['migrate', ...DIR], { dist: 'swapped' })).stdout).toMatch(/^NOTHING to do: every/);
  });
});
