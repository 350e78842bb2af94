/** The data guard over blocks of a mirror: they drop rows as any other statement does, also where they commit by themselves. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { wouldLose } from '../../../src/migrator/would-lose.ts';
import { run, SCHEMA, savedOf, withPgDump } from './lost-rows-world.ts';
import { kinds, problemOf, setup, type World } from './world.ts';

const MARK = '-- drydock:no-transaction\n';
const UP = 'create table app.t (id int primary key, name text);';
const COMMITS = "do $$ begin delete from app.t; commit; execute 'drop table app.t'; end $$;";

const hasPsql = await run('psql', ['--version']).then(
  () => true,
  () => false,
);

async function migrated(down: string, up = UP): Promise<World> {
  const world = await setup({ migrations: { '001_schema': SCHEMA, '002_t': [up, down] } });
  await world.open().migrate();
  await world.database.query(`insert into app.t values (1, 'one'), (2, 'two')`);
  return world;
}

const names = async ({ database }: World) =>
  (await database.query<{ name: string }>('select name from app.t order by id')).map(({ name }) => name);

/** Runs the command that was printed, as a shell does. */
const restore = ({ database }: World, command: string) =>
  run('sh', ['-c', command], { env: { ...process.env, URL: database.url } });

describe('a block of a mirror that asks for no transaction', () => {
  it('has the rows saved that it drops', async () => {
    const world = await migrated(`${MARK}do $$ begin execute format('drop table %I.t', 'app'); end $$;`);
    expect(await world.open().rollback()).toMatchObject({ outcome: 'reverted', saved: [expect.any(String)] });
    expect(savedOf(world.events)).toMatchObject({ tables: [{ table: 'app.t', rows: 2 }] });
    expect(await world.ledger()).toEqual(['001 1/1']);
  });
});

describe.skipIf(!hasPsql)('a block of a mirror that commits by itself', () => {
  it('has the rows saved before it begins, and they are put back', async () => {
    const world = await migrated(MARK + COMMITS);
    const outcome = await withPgDump('exit 1', () => world.open().rollback());
    const saved = savedOf(world.events);
    expect(outcome).toMatchObject({ outcome: 'reverted', saved: [saved.directory] });
    expect(kinds(world.events)).toEqual([
      ...kinds(world.events).slice(0, -4),
      'rollback-started',
      'rows-at-stake',
      'rows-saved',
      'migration-reverted',
    ]);
    expect(saved).toMatchObject({ method: 'copy', tables: [{ table: 'app.t', rows: 2 }] });
    expect(await readFile(path.join(saved.directory, 'README.txt'), 'utf8')).toBe(
      [
        'Rows saved by Drydock before rolling back 002_t lost them:',
        '  app.t: 2 rows',
        'A block that commits by itself took them: what others wrote while it ran is not here.',
        '',
        'To put them back, migrate until what was dropped is there again, then run as the owner of the tables:',
        `  ${saved.restore}`,
        'It is one transaction: where it fails, nothing is put back, and it can be run again.',
        '',
      ].join('\n'),
    );
    expect(await world.database.query(`select to_regclass('app.t') as t`)).toEqual([{ t: null }]);
    expect(await world.ledger()).toEqual(['001 1/1']);
    await world.open().migrate();
    await restore(world, saved.restore);
    expect(await names(world)).toEqual(['one', 'two']);
  });

  it('in procedures that it calls too, batch by batch', async () => {
    const up = `${UP}
      create procedure app.wipe_one(n int) language plpgsql as $$ begin delete from app.t where id = n; commit; end $$;
      create procedure app.wipe() language plpgsql as $$ begin for n in 1 .. 2 loop call app.wipe_one(n); end loop; end $$;`;
    const world = await migrated(
      `${MARK}call app.wipe();\ndrop procedure app.wipe; drop procedure app.wipe_one; drop table app.t;`,
      up,
    );
    await withPgDump('exit 1', () => world.open().rollback());
    expect(world.events.filter(({ kind }) => kind === 'rows-saved')).toHaveLength(1);
    const saved = savedOf(world.events);
    expect(saved).toMatchObject({ tables: [{ table: 'app.t', rows: 2 }] });
    expect(await world.ledger()).toEqual(['001 1/1']);
    await world.open().migrate();
    await restore(world, saved.restore);
    // Rows of a table that stays are put beside it, for a person to choose from.
    const [beside] = await world.database.query<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'app'::regnamespace and c.relname like 't\\_%'`,
    );
    expect(await world.database.query(`select name from ${beside!.name} order by id`)).toEqual([
      { name: 'one' },
      { name: 'two' },
    ]);
  });

  it('and fails between two commits leaves what was saved, and saves the rest when it is run again', async () => {
    // Numbers of a sequence are not taken back: the block is tried with the first and run with the second.
    const world = await migrated(
      `${MARK}do $$ begin
         delete from app.t where id = 1; commit;
         if nextval('public.runs') = 2 then raise exception 'cut off'; end if;
         delete from app.t; commit; drop table app.t;
       end $$;`,
    );
    await world.database.query('create sequence public.runs');
    const problem = await withPgDump('exit 1', () => problemOf(world.open().rollback()));
    expect(problem).toMatchObject({ code: 'migration-failed', message: expect.stringContaining('cut off') });
    const first = savedOf(world.events);
    expect(first).toMatchObject({ tables: [{ table: 'app.t', rows: 2 }] });
    expect(await names(world)).toEqual(['two']);
    expect(await world.ledger()).toEqual(['001 1/1', '002 0/1 unfinished']);
    expect((await problemOf(world.open().rollback())).code).toBe('statement-in-doubt');
    await withPgDump('exit 1', () => world.open({ inDoubt: 'run-again' }).rollback());
    const second = savedOf(world.events);
    expect(second).toMatchObject({ tables: [{ table: 'app.t', rows: 1 }] });
    expect(await readdir(path.dirname(first.directory))).toEqual(
      [first.directory, second.directory].map((directory) => path.basename(directory)),
    );
    expect(await world.ledger()).toEqual(['001 1/1']);
    await world.open().migrate();
    await restore(world, first.restore);
    expect(await names(world)).toEqual(['one', 'two']);
  });

  it('and drops a table whose triggers wait for the commit', async () => {
    const up = `create table app.kinds (id int primary key); insert into app.kinds values (1);
      create table app.t (id int primary key, name text, kind int default 1 references app.kinds deferrable initially deferred);`;
    const down = `${MARK}do $$ begin update app.t set kind = null; delete from app.kinds; commit; drop table app.t; drop table app.kinds; end $$;`;
    const world = await migrated(down, up);
    await world.open().rollback();
    expect(savedOf(world.events)).toMatchObject({
      tables: [
        { table: 'app.kinds', rows: 1 },
        { table: 'app.t', rows: 2 },
      ],
    });
    expect(await world.ledger()).toEqual(['001 1/1']);
  });
});

describe('a block whose loss cannot be known', () => {
  it('because it stops half-way at what was never made, is refused also where an unfinished migration is cleared', async () => {
    const up = `${MARK}create table app.t (id int primary key, name text);
      insert into app.t values (1, 'one'), (2, 'two');
      create table app.never_made as select 1 / 0 as id;`;
    const down = `${MARK}do $$ begin delete from app.t; commit; drop table app.never_made; drop table app.t; end $$;`;
    const world = await setup({ migrations: { '001_schema': SCHEMA, '002_t': [up, down] } });
    expect(await problemOf(world.open().migrate())).toMatchObject({ code: 'migration-failed' });
    expect(await world.ledger()).toEqual(['001 1/1', '002 2/3 unfinished']);
    const refused = {
      code: 'loss-unknown',
      found: expect.stringMatching(/; tried without its commits: table "never_made" does not exist\n/),
    };
    const look = world.open().alone((work, files) => wouldLose(work, files, 1));
    expect(await problemOf(look)).toMatchObject(refused);
    expect(await problemOf(world.open().rollback())).toMatchObject(refused);
    expect(await names(world)).toEqual(['one', 'two']);
    await world.open({ dataLoss: 'drop-rows-unsaved' }).rollback();
    expect(kinds(world.events)).toContain('loss-not-counted');
    expect(await world.ledger()).toEqual(['001 1/1']);
  });

  it('because it takes back some of what it did, and then looks at it, is refused', async () => {
    const world = await migrated(
      `${MARK}do $$ begin
         insert into app.flag values (1); rollback;
         if not exists (select from app.flag) then drop table app.t; end if;
         drop table app.flag;
       end $$;`,
      `${UP} create table app.flag (id int);`,
    );
    expect(await problemOf(world.open().rollback())).toMatchObject({
      code: 'loss-unknown',
      found: expect.stringMatching(/; tried without its commits: its ROLLBACK takes back what it did before\n/),
    });
    expect(await names(world)).toEqual(['one', 'two']);
  });

  const OPAQUE = 'do $$ begin delete from app.t; commit; perform 1 / (select count(*) from app.t); end $$;';

  it('is refused, with the way out, and nothing is dropped', async () => {
    const world = await migrated(MARK + OPAQUE);
    expect(await problemOf(world.open().rollback())).toEqual({
      code: 'loss-unknown',
      message: 'what the rollback of 002_t would lose cannot be known beforehand, so nothing was dropped',
      found: [
        'a block that commits by itself; tried without its commits: division by zero',
        'migrations/app/002_t.down.sql:2:1',
        `  2 | ${OPAQUE}`,
        '      ^',
      ].join('\n'),
      expected: 'a block that can be tried in a transaction, so that the rows it drops can be saved first',
      next: 'save by hand what it drops, then run `rollback --allow-data-loss`',
      retry: 'stop',
    });
    expect(await names(world)).toEqual(['one', 'two']);
  });

  it('because another role owns a procedure that commits, is refused as well', async () => {
    const world = await migrated(
      `${MARK}call app.p();\ndrop procedure app.p; drop table app.t;`,
      `${UP} create procedure app.p() language plpgsql as $$ begin delete from app.t; commit; end $$;`,
    );
    const role = `plain_${world.database.name}`;
    const url = new URL(world.database.url);
    Object.assign(url, { username: role, password: 'p' });
    await world.database.query(
      `create role ${role} login password 'p'; grant all on schema app to ${role}; grant all on all tables in schema app to ${role}`,
    );
    try {
      await world.database.query(
        `grant create on database ${world.database.name} to ${role}; alter schema app owner to ${role}; alter table app.t owner to ${role}; alter table app.schema_migrations owner to ${role}`,
      );
      const problem = await problemOf(world.open({ url: url.href }).rollback());
      expect(problem).toMatchObject({
        code: 'loss-unknown',
        found: expect.stringMatching(
          /^a block that commits by itself; tried without its commits: something that it calls commits too\n/,
        ),
      });
      expect(await names(world)).toEqual(['one', 'two']);
    } finally {
      await world.database.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    }
  });

  it('is run where rows may be dropped unsaved, and that is said', async () => {
    const world = await migrated(
      `${MARK}do $$ begin delete from app.t; commit; perform 1 / nextval('public.runs'); drop table app.t; end $$;`,
    );
    // Its first number, with which it is tried, fails it; its second does not.
    await world.database.query('create sequence public.runs minvalue 0');
    await world.open({ dataLoss: 'drop-rows-unsaved' }).rollback();
    expect(world.events).toContainEqual({ kind: 'loss-not-counted', line: 2 });
    expect(await world.ledger()).toEqual(['001 1/1']);
  });

  it('is counted where it can be, also then', async () => {
    const world = await migrated(MARK + COMMITS);
    await world.open({ dataLoss: 'drop-rows-unsaved' }).rollback();
    expect(world.events).toContainEqual({ kind: 'rows-not-saved', tables: [{ table: 'app.t', rows: 2 }] });
    expect(kinds(world.events)).not.toContain('rows-saved');
  });
});

describe('a block that commits in a mirror that is one transaction', () => {
  it('is refused by the server, with the way out, and nothing is dropped', async () => {
    const world = await migrated(COMMITS);
    expect(await problemOf(world.open().rollback())).toMatchObject({
      code: 'migration-failed',
      message: 'rolling back 002_t failed: invalid transaction termination',
      expected:
        'a file that is one transaction, in which no block or procedure commits by itself; nothing of it was kept',
      next: 'take the COMMIT out; or, where it is meant, put -- drydock:no-transaction on the first line of the file; then run the same command again',
    });
    expect(await names(world)).toEqual(['one', 'two']);
  });
});

describe('what a block that commits by itself would lose', () => {
  it('is counted beforehand, with what the mirrors before it would lose, and nothing is changed', async () => {
    const world = await migrated(MARK + COMMITS);
    const ask = world.open().alone((work, files) => wouldLose(work, files, 2));
    expect((await ask).map(({ tables }) => tables)).toEqual([[{ table: 'app.t', rows: 2 }], []]);
    expect(await names(world)).toEqual(['one', 'two']);
  });
});

describe('a database that a mirror drops', () => {
  it('stays where it holds something, and goes where it holds nothing or that was asked for', async () => {
    const world = await setup();
    const other = `other_${world.database.name}`;
    await world.write('001_schema.up.sql', `create schema app;\ncreate database ${other};`);
    await world.write('001_schema.down.sql', `drop database ${other};\ndrop schema app;`);
    for (const version of ['002_parents', '003_children']) {
      for (const direction of ['up', 'down']) await world.remove(`${version}.${direction}.sql`);
    }
    const inOther = async (sql: string) => {
      const client = new pg.Client({ connectionString: world.database.url.replace(world.database.name, other) });
      await client.connect();
      await client.query(sql).finally(() => client.end());
    };
    await world.open().migrate();
    await inOther('create table kept (id int); insert into kept values (1)');
    expect(await problemOf(world.open().rollback())).toEqual({
      code: 'loss-unknown',
      message: `rolling back 001_schema would drop the database ${other} with what is in it, which is not saved; nothing was dropped`,
      found: [
        'kept holds something',
        'migrations/app/001_schema.down.sql:1:1',
        `  1 | drop database ${other};`,
        '      ^',
      ].join('\n'),
      expected: 'a database without rows and without large objects',
      next: 'save by hand what it holds, then run `rollback --allow-data-loss`',
      retry: 'stop',
    });
    await inOther('truncate kept; select lo_create(0)');
    expect(await problemOf(world.open().rollback())).toMatchObject({
      code: 'loss-unknown',
      found: expect.stringMatching(/^1 large object\nmigrations/),
    });
    await inOther('select lo_unlink(oid) from pg_largeobject_metadata');
    await world.open().rollback();
    await world.open().migrate();
    await inOther('create table kept as select 1 as id');
    await world.open({ dataLoss: 'drop-rows-unsaved' }).rollback();
    expect(await world.database.query('select from pg_database where datname = $1', [other])).toEqual([]);
  });
});
