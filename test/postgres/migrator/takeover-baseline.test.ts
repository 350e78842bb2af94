import { describe, expect, it } from 'vitest';
import { baseline, baselinePreview } from '../../../src/migrator/takeover/baseline.ts';
import { proveBaseline } from '../../../src/migrator/takeover/baseline-proof.ts';
import { askOf } from '../../../src/migrator/takeover/ledger-transaction.ts';
import { setup } from './takeover-world.ts';
import { problemOf } from './world.ts';

const files = {
  '001_a.up.sql': 'create table a (id int primary key);',
  '001_a.down.sql': 'drop table a;',
  '002_b.up.sql': 'create table b (a_id int references a);',
  '003_c.up.sql': 'create table c ();',
};
const SCHEMA = 'create table a (id int primary key); create table b (a_id int references a);';

async function existing(history = SCHEMA) {
  const world = await setup({ files, history });
  const where = { root: world.root, directory: 'migrations/app', mirrors: 'optional', numbers: 'any' } as const;
  return {
    ...world,
    record: (version: string) => world.open().alone((work, all) => baseline(work, all, version)),
    look: (version: string) =>
      world
        .open()
        .look(({ client }, contents) =>
          baselinePreview(
            askOf(client),
            { schemas: ['public'], ledgerSchema: 'public' },
            { files: contents.files, version },
          ),
        ),
    prove: (version: string, url = world.database.url) =>
      proveBaseline({ ...where, url, schemas: ['public'], ledgerSchema: 'public' }, version),
    leftOver: () => world.database.query(`select datname from pg_database where datname like 'drydock_baseline_%'`),
  };
}

describe('a baseline', () => {
  it('records what is there without running it, and migrating goes on from there', async () => {
    const world = await existing();
    expect(await world.look('2')).toMatchObject({ outcome: 'would-record', pending: ['003_c'] });
    expect(await world.record('2')).toEqual({
      outcome: 'recorded',
      ledger: 'public.schema_migrations',
      recorded: [
        { version: '001', name: 'a' },
        { version: '002', name: 'b' },
      ],
      pending: ['003_c'],
      proof: 'not-asked',
    });
    expect(await world.ledger()).toEqual(['001 a baseline (tester) 0ms now', '002 b baseline (tester) 0ms now']);
    expect((await world.open().migrate()).map(({ version }) => version)).toEqual(['003']);
  });

  it('a second time, and by two at once, is recorded once', async () => {
    const world = await existing();
    const both = await Promise.all([world.record('002'), world.record('002')]);
    expect(both.map(({ outcome }) => outcome).sort()).toEqual(['already-recorded', 'recorded']);
    await world.open().migrate();
    expect(await world.record('002')).toMatchObject({ outcome: 'already-recorded' });
    expect(await world.ledger()).toHaveLength(3);
  });

  it('is refused where the ledger has rows, where there is a history, and for a version that is on no file', async () => {
    const world = await existing('select 1');
    await world.open().migrate();
    expect(await problemOf(world.record('002'))).toMatchObject({ code: 'ledger-not-empty' });
    const other = await existing(
      'create table schema_migrations (version bigint primary key, dirty boolean not null); insert into schema_migrations values (1, false)',
    );
    expect(await problemOf(other.record('002'))).toMatchObject({
      code: 'history-found',
      message: 'this database has a history of golang-migrate: it says what is applied',
      found: 'public.schema_migrations',
    });
    const third = await existing();
    expect(await problemOf(third.record('9'))).toEqual({
      code: 'migration-unknown',
      message: 'there is no migration 9 on disk',
      found: '001 to 003',
      expected: 'the version of the last migration whose schema this database has',
      next: '`baseline 003`, if that is the one',
      retry: 'stop',
    });
  });
});

describe('the proof of a baseline', () => {
  it('runs the files elsewhere, finds the same schema, and leaves nothing behind', async () => {
    const world = await existing();
    expect(await world.prove('002')).toBe('same-schema');
    expect(await world.leftOver()).toEqual([]);
    expect(await world.database.query(`select to_regclass('schema_migrations') as ledger`)).toEqual([{ ledger: null }]);
  });

  it('reaches the server as the URL says, where its host is a parameter', async () => {
    const world = await existing();
    const { username, password, hostname, port, pathname } = new URL(world.database.url);
    const url = `postgres://${username}:${password}@${pathname}?host=${hostname}&port=${port}`;
    expect(await world.prove('002', url)).toBe('same-schema');
  });

  it('tells what is different', async () => {
    const world = await existing(`${SCHEMA} alter table b add column extra text; drop table if exists c;`);
    const problem = await problemOf(world.prove('003'));
    expect(problem).toMatchObject({
      code: 'baseline-differs',
      message: 'the database does not have the schema that the migrations up to 003 give',
    });
    expect(problem.found).toContain('missing: table public.c');
    expect(problem.found).toContain('not there before: column public.b.extra');
    expect(await world.leftOver()).toEqual([]);
  });

  it('says why it cannot be had where the files need more than themselves', async () => {
    const world = await existing();
    await world.write('002_b.up.sql', 'create table b (a_id int references core.users);');
    expect(await problemOf(world.prove('002'))).toMatchObject({
      code: 'baseline-unprovable',
      message: 'the baseline cannot be proven: the files do not run on an empty database',
    });
    expect(await world.leftOver()).toEqual([]);
  });
});
