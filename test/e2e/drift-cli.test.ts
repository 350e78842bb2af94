/** The commands `fingerprint` and `diff` as a person uses them: what they print, and what a script reads from them. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, runDrydock } from '../support/processes.ts';

const roots: string[] = [];
afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

const FILES: Readonly<Record<string, string>> = {
  '001_people.up.sql': 'create schema app; create table app.people (id int primary key, name text);',
  '001_people.down.sql': 'drop table app.people; drop schema app;',
  '002_seen.up.sql': 'create index people_name on app.people (name);',
  '002_seen.down.sql': 'drop index app.people_name;',
};
const BY_HAND = 'alter table app.people add column note text; drop index app.people_name;';

/** Migrated; the commands are called beside the directory of migrations. */
async function setup() {
  const database = await freshDatabase();
  const root = await mkdtemp(path.join(tmpdir(), 'drydock-drift-'));
  roots.push(root);
  await mkdir(path.join(root, 'migrations'));
  for (const [name, sql] of Object.entries(FILES)) await writeFile(path.join(root, 'migrations', name), sql);
  const where = ['--dir', 'migrations', '--schema', 'app', '--url', database.url];
  const run = (command: string, ...more: string[]): Promise<CliResult> =>
    runDrydock([command, ...where, ...more], { cwd: root });
  expect((await run('migrate')).code).toBe(0);
  return { database, root, run };
}

/** What nobody can know beforehand, made equal; `others` are named by their place among them. */
function steady(text: string, ...databases: TestDatabase[]): string {
  return databases
    .reduce(
      (shown, { name }, index) => shown.replaceAll(new RegExp(`\\S+@127\\.0\\.0\\.1:\\d+/${name}`, 'g'), NAMES[index]!),
      text,
    )
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'DIGEST')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'SHORT');
}
const NAMES = ['HERE', 'THERE'];

const lines = (...all: string[]) => all.map((line) => `${line}\n`).join('');

describe('fingerprint', () => {
  it('says how much it is made of, and with --objects every object', async () => {
    const { database, run } = await setup();
    const plain = await run('fingerprint');
    expect({ ...plain, stdout: steady(plain.stdout, database) }).toMatchObject({
      code: 0,
      stderr: '',
      stdout: lines(
        'fingerprint SHORT of app in HERE',
        'sha256 DIGEST',
        '7 objects: 2 columns, 1 constraint, 2 indexes, 1 schema, 1 table',
      ),
    });
    const full = await run('fingerprint', '--objects');
    expect(full.code).toBe(0);
    expect(steady(full.stdout, database).replaceAll('postgres=arwdDxtm', 'postgres=arwdDxt')).toBe(
      lines(
        'fingerprint SHORT of app in HERE',
        'sha256 DIGEST',
        '7 objects: 2 columns, 1 constraint, 2 indexes, 1 schema, 1 table',
        '',
        'column app.people.id: number 1 integer not null',
        'column app.people.name: number 2 text',
        'constraint app.people.people_pkey: PRIMARY KEY (id)',
        'index app.people_name: CREATE INDEX people_name ON app.people USING btree (name)',
        'index app.people_pkey: CREATE UNIQUE INDEX people_pkey ON app.people USING btree (id)',
        'schema app: owner postgres grants postgres=UC/postgres',
        'table app.people: owner postgres persistence p grants postgres=arwdDxt/postgres',
      ),
    );
  });

  it('is saved and compared with later: 0 where it is the same, 3 with each difference where it is not', async () => {
    const { database, root, run } = await setup();
    const saved = await run('fingerprint', '--save', 'before.json');
    expect({ ...saved, stdout: steady(saved.stdout, database) }).toMatchObject({
      code: 0,
      stdout: lines(
        'fingerprint SHORT of app in HERE',
        'sha256 DIGEST',
        '7 objects: 2 columns, 1 constraint, 2 indexes, 1 schema, 1 table',
        'saved to before.json',
      ),
    });
    const moment = JSON.parse(await readFile(path.join(root, 'before.json'), 'utf8')).takenAt as string;
    const same = await run('fingerprint', '--compare', 'before.json');
    const shown = (text: string) =>
      steady(text, database).replaceAll(moment.slice(0, 19).replace('T', ' '), 'TIME').replaceAll('\n  HERE', ' HERE');
    expect({ ...same, stdout: shown(same.stdout) }).toMatchObject({
      code: 0,
      stdout: lines(
        'schema app of HERE, compared with before.json',
        'no difference',
        'note: before.json was saved at TIME UTC, of HERE',
      ),
    });
    await database.query(BY_HAND);
    const drifted = await run('fingerprint', '--compare', 'before.json');
    expect({ ...drifted, stdout: shown(drifted.stdout) }).toMatchObject({
      code: 3,
      stderr: '',
      stdout: lines(
        'schema app of HERE, compared with before.json',
        '',
        'app.people: column note is only in HERE',
        'app.people: index app.people_name is only in before.json',
        '',
        '2 objects differ: 1 missing, 1 added',
        'note: before.json was saved at TIME UTC, of HERE',
      ),
    });
    const json = await run('fingerprint', '--compare', 'before.json', '--json');
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schemas: ['app'],
      differences: [
        { change: 'added', kind: 'column', id: 'app.people.note', table: 'app.people' },
        { change: 'missing', kind: 'index', id: 'app.people_name', table: 'app.people' },
      ],
    });
  });

  it('is one document with --json, with the objects only where they were asked for', async () => {
    const { run } = await setup();
    const short = JSON.parse((await run('fingerprint', '--json')).stdout);
    expect(short).toEqual({
      database: expect.stringMatching(/^postgres@127\.0\.0\.1:\d+\/test_/),
      schemas: ['app'],
      server: expect.any(Number),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      takenAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const full = JSON.parse((await run('fingerprint', '--json', '--objects')).stdout);
    expect(full).toMatchObject({ digest: short.digest });
    expect(full.objects).toHaveLength(7);
  });

  it('refuses two things at once, and a file that it did not write', async () => {
    const { root, run } = await setup();
    const both = await run('fingerprint', '--save', 'a.json', '--compare', 'a.json');
    expect(both).toMatchObject({ code: 2, stdout: '' });
    expect(both.stderr).toBe(
      lines(
        'usage: --save and --compare were both given',
        '  expected:   one of them',
        '  next:       leave one of them out',
      ),
    );
    await writeFile(path.join(root, 'other.json'), '{}');
    const other = await run('fingerprint', '--compare', 'other.json');
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/^fingerprint-file-invalid: /);
    expect((await run('fingerprint', '--compare', 'none.json')).code).toBe(2);
  });
});

describe('diff', () => {
  it('with the ledger: 0 and one line where nothing differs, 3 and each difference where something was done by hand', async () => {
    const { database, run } = await setup();
    const same = await run('diff');
    expect({ ...same, stdout: steady(same.stdout, database) }).toMatchObject({
      code: 0,
      stderr: '',
      stdout: lines('schema app of HERE, compared with the files of 2 migrations', 'no difference'),
    });
    await database.query(BY_HAND);
    const drifted = await run('diff');
    expect({ ...drifted, stdout: steady(drifted.stdout, database) }).toMatchObject({
      code: 3,
      stderr: '',
      stdout: lines(
        'schema app of HERE, compared with the files of 2 migrations',
        '',
        'app.people: column note is made by no migration',
        'app.people: index app.people_name is missing',
        '',
        '2 objects differ: 1 missing, 1 added',
      ),
    });
    const json = await run('diff', '--json');
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: 'ledger',
      before: 'the files of 2 migrations',
      differences: [{ change: 'added' }, { change: 'missing' }],
    });
  });

  it('with another database, which is the side of reference', async () => {
    const [here, there] = [await setup(), await setup()];
    const same = await here.run('diff', '--with', there.database.url);
    expect({ ...same, stdout: steady(same.stdout, here.database, there.database) }).toMatchObject({
      code: 0,
      stdout: lines('schema app of HERE, compared with THERE', 'no difference'),
    });
    await here.database.query(BY_HAND);
    const { code, stdout } = await here.run('diff', '--with', there.database.url);
    expect({ code, stdout: steady(stdout, here.database, there.database) }).toEqual({
      code: 3,
      stdout: lines(
        'schema app of HERE, compared with THERE',
        '',
        'app.people: column note is only in HERE',
        'app.people: index app.people_name is only in THERE',
        '',
        '2 objects differ: 1 missing, 1 added',
      ),
    });
    const json = JSON.parse((await here.run('diff', '--with', there.database.url, '--json')).stdout);
    expect(json).toMatchObject({ kind: 'databases', differences: [{ change: 'added' }, { change: 'missing' }] });
  });

  it('on a server of this machine, started for it and gone afterwards', async () => {
    const { database, run } = await setup();
    await database.query(BY_HAND);
    const { code, stdout, stderr } = await run('diff', '--on', 'embedded');
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    const port = /ready on 127\.0\.0\.1:(\d+)/.exec(stdout)![1];
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
    const shown = steady(stdout, database).replaceAll(/PostgreSQL [\d.]+: (making a cluster in|ready on) .*/g, '$1 …');
    expect(shown).toBe(
      lines(
        'making a cluster in …',
        'ready on …',
        'schema app of HERE, compared with the files of 2 migrations',
        '',
        'app.people: column note is made by no migration',
        'app.people: index app.people_name is missing',
        '',
        '2 objects differ: 1 missing, 1 added',
        'note: owners and privileges are not compared: another server has other roles',
      ),
    );
  });

  it('refuses what does not go together, and files that are not those that were applied', async () => {
    const { database, root, run } = await setup();
    const both = await run('diff', '--with', database.url, '--on', 'embedded');
    expect(both).toMatchObject({
      code: 2,
      stderr: lines(
        'usage: --on was given with --with',
        '  expected:   one of them: two databases are compared as they are, and no migration is applied',
        '  next:       leave one of them out',
      ),
    });
    await writeFile(path.join(root, 'migrations/002_seen.up.sql'), 'select 1;');
    const edited = await run('diff');
    expect(edited).toMatchObject({ code: 2, stdout: '' });
    expect(edited.stderr.replaceAll(/pnpm tsx \S+/g, 'DRYDOCK')).toBe(
      lines(
        'diff-not-possible: what the applied migrations made cannot be made again',
        '  found:      002_seen: its up file was edited since',
        '  expected:   the up file of every applied migration as it was applied, and none unfinished',
        '  next:       use the checkout that was applied; or compare two databases: DRYDOCK diff --with $OTHER_URL --dir migrations --schema app --url $URL',
      ),
    );
  });
});
