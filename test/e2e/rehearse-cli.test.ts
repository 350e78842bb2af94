/** The command `rehearse` as it is called: what it prints and exits with, and what is left after Ctrl-C and kill -9. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freshDatabase, onCluster, type TestDatabase } from '../support/postgres.ts';
import { runDrydock, startDrydock } from '../support/processes.ts';

const roots: string[] = [];
afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string>>;

const GOOD: Files = {
  '001_people.up.sql': 'create table public.people (id int primary key, name text);',
  '001_people.down.sql': 'drop table public.people;',
  '002_wider.up.sql': 'alter table public.people alter column id type bigint;',
  '002_wider.down.sql': 'alter table public.people alter column id type int;',
};

/** A database and a directory of migrations, in whose parent the command is called, so that reports are written there. */
async function setup(files: Files) {
  const database = await freshDatabase();
  const root = await mkdtemp(path.join(tmpdir(), 'drydock-rehearse-'));
  roots.push(root);
  await mkdir(path.join(root, 'migrations'));
  for (const [name, sql] of Object.entries(files)) await writeFile(path.join(root, 'migrations', name), sql);
  const args = (command: string, ...more: string[]) => [
    command,
    ...['--dir', 'migrations', '--schema', 'public', '--url', database.url, ...more],
  ];
  const options = { cwd: root };
  return {
    database,
    root,
    run: (command: string, ...more: string[]) => runDrydock(args(command, ...more), options),
    start: (command: string, ...more: string[]) => startDrydock(args(command, ...more), options),
  };
}

const steady = (text: string) =>
  text
    .replace(/drydock_rehearsal_[0-9a-f]{12}/g, 'THROW_AWAY')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIME')
    .replace(/ {2}up \d[\d.]* m?s +down \d[\d.]* m?s +/g, '  up SPAN down SPAN ')
    .replace(/in [\d.]+ m?s\b/g, 'in SPAN')
    .replace(/by +\S+@\S+/g, 'by WHO')
    .replace(/\d+\.\d+(?=\n|, in )/g, 'VERSION')
    .replace(/written to .*/g, 'written to FILES');

async function isThere({ query }: TestDatabase, name: string): Promise<boolean> {
  return (await query('select from pg_database where datname = $1', [name])).length > 0;
}

test('migrations that mirror: the whole text, exit 0, the files and the row on the target', async () => {
  const world = await setup(GOOD);
  expect((await world.run('rehearse')).code).toBe(0);
  await world.database.query('drop schema drydock cascade');
  const { code, stdout, stderr } = await world.run('rehearse');
  expect(stderr).toBe('');
  const url = new URL(world.database.url);
  expect(steady(stdout)).toBe(`rehearsing on the server of the target, PostgreSQL VERSION, in THROW_AWAY
the target's own schema is there
  up       001_people in SPAN
  up       002_wider in SPAN
  down     002_wider in SPAN
  down     001_people in SPAN
  up again 001_people in SPAN
  up again 002_wider in SPAN
dropped THROW_AWAY

mirrors: 2 migrations went up, came down to what was there before, and went up again

target     postgres@${url.host}/${world.database.name}, PostgreSQL VERSION
rehearsed  on the server of the target, from the target's own schema
like it    yes: its fingerprint was that of the target
rows       none: how long it takes on tables with rows is not known from this
by WHO at TIME, in SPAN

✓ 001_people  up SPAN down SPAN mirrors
✓ 002_wider   up SPAN down SPAN mirrors

written to FILES
`);
  expect(code).toBe(0);
  const files = await readdir(path.join(world.root, '.drydock/rehearsals'));
  expect(files.map((name) => path.extname(name)).sort()).toEqual(['.json', '.json', '.md', '.md']);
  const markdown = await readFile(
    path.join(world.root, '.drydock/rehearsals', files.find((name) => name.endsWith('.md'))!),
    'utf8',
  );
  expect(markdown).toContain('| `002_wider` |');
  expect(await world.database.query('select verdict from drydock.rehearsals')).toEqual([{ verdict: 'mirrors' }]);
});

test('a rollback that does not mirror: exit 1, and the differences in the text and in --json', async () => {
  const world = await setup({ ...GOOD, '002_wider.down.sql': 'select 1;' });
  expect((await world.run('migrate')).code).toBe(0);
  expect((await world.run('rehearse')).code).toBe(2);
  const { code, stdout } = await world.run('rehearse', '--all');
  expect(code).toBe(1);
  expect(stdout).toContain('does not mirror: the down file of 002_wider does not bring back what was there before\n');
  expect(stdout).toMatch(/✗ 002_wider .* does not mirror\n(.*\n)*? {4}changed: column public.people.id\n/);
  const json = await world.run('rehearse', '--all', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    stored: true,
    rehearsal: { verdict: 'does-not-mirror', scope: 'all', migrations: [{ mirrors: 'yes' }, { mirrors: 'no' }] },
  });
});

test('wrong calls are refused with exit 2', async () => {
  const world = await setup(GOOD);
  const { code, stderr } = await world.run('rehearse', '--from', 'thin-air');
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--from thin-air is not known') });
  expect((await world.run('rehearse', '--on', 'the-moon')).code).toBe(2);
});

test('a server of this machine is started for it and gone afterwards', async () => {
  const world = await setup(GOOD);
  const { code, stdout } = await world.run('rehearse', '--on', 'embedded');
  expect(code).toBe(0);
  expect(stdout).toContain('rehearsed  on a server of this machine, started for it, from the target');
  const port = /ready on 127\.0\.0\.1:(\d+)/.exec(stdout)![1];
  const reached = await fetch(`http://127.0.0.1:${port}`).then(
    () => true,
    () => false,
  );
  expect(reached).toBe(false);
});

const SLOW: Files = { ...GOOD, '002_wider.up.sql': 'select pg_sleep(60);' };

test('Ctrl-C in the middle drops the database', async () => {
  const world = await setup(SLOW);
  const running = world.start('rehearse');
  const [, name] = await running.until(/in (drydock_rehearsal_\w+)/);
  await running.until(/up {7}001_people/);
  running.child.kill('SIGINT');
  const { code, stderr } = await running.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('interrupted');
  expect(await isThere(world.database, name!)).toBe(false);
});

test('kill -9 leaves the database, and a later rehearsal drops it', async () => {
  const world = await setup(SLOW);
  const running = world.start('rehearse');
  const [, name] = await running.until(/in (drydock_rehearsal_\w+)/);
  await running.until(/up {7}001_people/);
  running.child.kill('SIGKILL');
  await running.ended;
  expect(await isThere(world.database, name!)).toBe(true);
  // Its sessions notice within a second that nobody is there; that it is old is said by its comment.
  const longAgo = new Date(Date.now() - 3_600_000).toISOString();
  await onCluster(
    `comment on database ${name} is 'Made by a Drydock rehearsal, and dropped with it. Since ${longAgo}'`,
  );
  await expect
    .poll(async () => (await world.database.query('select from pg_stat_activity where datname = $1', [name])).length, {
      timeout: 10_000,
    })
    .toBe(0);
  await writeFile(path.join(world.root, 'migrations', '002_wider.up.sql'), 'select 1;');
  const { stdout } = await world.run('rehearse');
  expect(stdout).toMatch(/^dropped what killed rehearsals had left: .*drydock_rehearsal_/m);
  expect(await isThere(world.database, name!)).toBe(false);
});

test('kill -9 between making the database and saying whose it is: a later rehearsal drops that one, too', async () => {
  const world = await setup(GOOD);
  const { name: target, connect, query } = world.database;
  const blocker = await connect();
  // The comment on the database has to wait for this; nothing else does.
  await blocker.query('begin; lock table pg_shdescription in share mode');
  const running = world.start('rehearse');
  const commenting = async () =>
    query<{ pid: number; query: string }>(
      `select pid, query from pg_stat_activity where datname = $1 and wait_event_type = 'Lock' and query like 'comment on database %'`,
      [target],
    );
  await expect.poll(async () => (await commenting()).length, { timeout: 30_000 }).toBe(1);
  const [{ pid, query: comment }] = (await commenting()) as [{ pid: number; query: string }];
  const name = /drydock_rehearsal_\w+/.exec(comment)![0];
  running.child.kill('SIGKILL');
  await running.ended;
  const isAtWork = async () => (await query('select from pg_stat_activity where pid = $1', [pid])).length > 0;
  await expect.poll(isAtWork, { timeout: 10_000 }).toBe(false);
  await blocker.query('rollback');
  expect(
    await query(`select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1`, [name]),
  ).toEqual([{ comment: null }]);
  // It is too young to be a leftover, until its mark says otherwise.
  expect((await world.run('rehearse')).stdout).not.toContain(name);
  await onCluster(`alter database ${name} connection limit ${Math.floor(Date.now() / 60_000) - 60}`);
  const { stdout } = await world.run('rehearse');
  expect(stdout).toMatch(new RegExp(`^dropped what killed rehearsals had left: .*${name}`, 'm'));
  expect(await isThere(world.database, name)).toBe(false);
});
