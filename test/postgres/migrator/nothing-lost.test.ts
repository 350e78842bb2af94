/** Nothing is lost where saving fails or is cut off, and what would be lost can be asked before. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { wouldLose } from '../../../src/migrator/would-lose.ts';
import { onCluster } from '../../support/postgres.ts';
import { ROOT } from '../../support/processes.ts';
import { BIG, migrated, run, SCHEMA, savedOf, withPgDump, writePgDump } from './lost-rows-world.ts';
import { type Migrations, problemOf, setup, until, type World } from './world.ts';

const FILL = `insert into app.t select n, repeat(md5(n::text), 20) from generate_series(1, 20000) n`;

function rollbackCommand(world: World): string {
  const cli = path.join(ROOT, 'src/cli/drydock.ts');
  const tsx = path.join(ROOT, 'node_modules/tsx/dist/loader.mjs');
  return `'${process.execPath}' --import '${tsx}' '${cli}' rollback --dir migrations/app --schema app --url '${world.database.url}'`;
}

describe('nothing is lost', () => {
  it('where row security hides rows from the role that migrates', async () => {
    const world = await setup({ migrations: { '001_schema': SCHEMA, ...BIG } });
    const role = `plain_${world.database.name}`;
    await onCluster(`create role ${role} login password 'p'`);
    try {
      await world.database.query(`grant create on database ${world.database.name} to ${role}`);
      const url = new URL(world.database.url);
      url.username = role;
      url.password = 'p';
      await world.open({ url: url.href }).migrate();
      await world.database.query(
        'insert into app.t values (1); alter table app.t enable row level security; alter table app.t force row level security; create policy none on app.t using (false)',
      );
      expect(await problemOf(world.open({ url: url.href }).rollback())).toEqual({
        code: 'rows-hidden',
        message: 'the rows that the rollback would drop cannot all be seen, so nothing was dropped',
        found: 'query would be affected by row-level security policy for table "t"',
        expected: 'a role that may read every row of these tables: their owner, or one with BYPASSRLS',
        next: 'run the same command with the URL of such a role',
        retry: 'stop',
      });
      expect(await world.database.query('select count(*)::int as n from app.t')).toEqual([{ n: 1 }]);
    } finally {
      await world.database.query(`reassign owned by ${role} to current_user; drop owned by ${role}`);
      await onCluster(`drop role ${role}`);
    }
  });

  it('where the disk is full: what was written is removed', async () => {
    const world = await migrated(BIG, FILL);
    // A limit on the size of files stands for a disk that is full; it holds for pg_dump too.
    const found = await run('sh', ['-c', `ulimit -f 64; exec ${rollbackCommand(world)}`], { cwd: world.root }).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(found).toMatchObject({ code: 1, stderr: expect.stringContaining('rows-not-saved') });
    expect(await readdir(path.join(world.root, '.drydock/saved'))).toEqual([]);
    expect(await world.database.query('select count(*)::int as n from app.t')).toEqual([{ n: 20_000 }]);
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  });

  it('where it is killed while saving: the directory says that it is not finished', async () => {
    const world = await migrated(BIG, FILL);
    const folder = await mkdtemp(path.join(world.root, 'slow-dump-'));
    await writePgDump(folder, `touch ${folder}/begun; sleep 30`);
    const child = spawn('sh', ['-c', `exec ${rollbackCommand(world)}`], {
      cwd: world.root,
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
      stdio: 'ignore',
      detached: true,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await until(async () => (await readdir(folder)).includes('begun'));
    process.kill(-child.pid!, 'SIGKILL');
    await ended;
    const saved = path.join(world.root, '.drydock/saved');
    expect(await readdir(saved)).toEqual([expect.stringMatching(/-002_t\.unfinished$/)]);
    await rm(folder, { recursive: true });
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
    expect(await world.database.query('select count(*)::int as n from app.t')).toEqual([{ n: 20_000 }]);
    await world.open().rollback();
    expect(await world.ledger()).toEqual(['001 1/1']);
  });

  it('where the drop fails after saving: the directory says that nothing was dropped', async () => {
    const world = await migrated(BIG, 'insert into app.t values (1)');
    const reader = await world.database.connect();
    const folder = await mkdtemp(path.join(world.root, 'slow-dump-'));
    const slow = `touch ${folder}/begun; while [ ! -e ${folder}/go ]; do sleep 0.02; done; exit 1`;
    await withPgDump(slow, async () => {
      const rolled = problemOf(world.open().rollback());
      await until(async () => (await readdir(folder)).includes('begun'));
      // In the way of the drop, and of nothing before it.
      await reader.query('begin; select count(*) from app.t');
      await writeFile(path.join(folder, 'go'), '');
      expect((await rolled).code).toBe('lock-timeout');
    });
    await reader.query('rollback');
    const { directory } = savedOf(world.events);
    expect(await readdir(path.dirname(directory))).toEqual([`${path.basename(directory)}.not-dropped`]);
    expect(await world.database.query('select count(*)::int as n from app.t')).toEqual([{ n: 1 }]);
  });
});

describe('what would be lost', () => {
  const STEPS: Migrations = {
    '002_t': ['create table app.t (id int primary key);', 'drop table app.t;'],
    '003_x': ['alter table app.t add column x text;', 'alter table app.t drop column x;'],
    '004_index': ['create index concurrently t_x on app.t (x);', 'drop index concurrently app.t_x;'],
    '005_u': ['create table app.u (id int);', 'drop table app.u;'],
  };
  const ROWS = `insert into app.t values (1, 'a'), (2, null); insert into app.u values (1)`;
  const ask = (world: World, steps: number) => world.open().alone((work, files) => wouldLose(work, files, steps));

  it('is counted step by step, and nothing is changed', async () => {
    const world = await migrated(STEPS, ROWS);
    const before = await world.open().fingerprint();
    expect(await ask(world, 5)).toEqual([
      {
        migration: { version: '005', name: 'u' },
        downPath: 'migrations/app/005_u.down.sql',
        tables: [{ table: 'app.u', rows: 1 }],
      },
      { migration: { version: '004', name: 'index' }, downPath: 'migrations/app/004_index.down.sql', tables: [] },
      {
        migration: { version: '003', name: 'x' },
        downPath: 'migrations/app/003_x.down.sql',
        tables: [{ table: 'app.t', rows: 1, columns: ['x'] }],
      },
      {
        migration: { version: '002', name: 't' },
        downPath: 'migrations/app/002_t.down.sql',
        tables: [{ table: 'app.t', rows: 2 }],
      },
      { migration: { version: '001', name: 'schema' }, downPath: 'migrations/app/001_schema.down.sql', tables: [] },
    ]);
    expect(await world.open().fingerprint()).toEqual(before);
    expect(await world.ledger()).toHaveLength(5);
    expect((await world.open().status()).drift).toEqual({ kind: 'none' });
    await expect(readdir(path.join(world.root, 'saved'))).rejects.toThrow('ENOENT');
    expect((await ask(world, 1)).map(({ migration }) => migration.version)).toEqual(['005']);
  });

  it('says which mirror fails, with its place', async () => {
    const world = await migrated({ '002_t': ['create table app.t (id int);', 'drop table app.nonsense;'] }, 'select 1');
    expect(await problemOf(ask(world, 1))).toMatchObject({
      code: 'migration-failed',
      message: expect.stringContaining('trying the rollback of 002_t failed: table "nonsense" does not exist'),
    });
    expect(await world.ledger()).toEqual(['001 1/1', '002 1/1']);
  });
});
