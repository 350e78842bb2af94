/** Statements looked at without a database: what earlier ones of the same plan made is known, the rest is there and not known. */
import { describe, expect, it } from 'vitest';
import type { CatalogView } from '../../../src/migrator/effects/catalog-view.ts';
import { effectsOf } from '../../../src/migrator/effects/effects-of.ts';
import { filesOnlyView, simulate, simulateFiles } from '../../../src/migrator/effects/simulation.ts';
import { parseStatements } from '../../../src/migrator/parse-statements.ts';
import type { StatementEffects } from '../../../src/model/statement-effects.ts';

const statementsOf = (sql: string) => parseStatements({ path: 'a.sql', sql, checksum: '' });

async function effectsIn(sql: string): Promise<StatementEffects[]> {
  const found = simulate(await statementsOf(sql), filesOnlyView(150_018));
  return [...found].map(({ statement, view }) => effectsOf(statement, view));
}

/** The catalog after all of it. */
async function catalogAfter(sql: string): Promise<CatalogView> {
  const steps = simulate(await statementsOf(sql), filesOnlyView(150_018));
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

const locks = ({ locks: held }: StatementEffects) => held.map(({ mode, table }) => `${mode} ${table}`);
const table = (view: CatalogView, name: string) => view.table({ schema: 'app', name });

describe('tables that the plan makes', () => {
  it('take no locks, and those that their foreign keys name do', async () => {
    const effects = await effectsIn(`create table app.a (id int primary key);
      create table app.b (a_id int references app.a, user_id int references core.users);
      create index on app.b (a_id);
      alter table app.b alter a_id type bigint;
      truncate app.b;
      drop table app.b;`);
    expect(effects.map(locks)).toEqual([
      [],
      ['SHARE ROW EXCLUSIVE core.users'],
      [],
      [],
      [],
      ['ACCESS EXCLUSIVE core.users'],
    ]);
    expect(effects.map(({ undoable }) => undoable)).toEqual(['yes', 'yes', 'yes', 'yes', 'yes', 'yes']);
  });

  it('are known under their new names, also without a schema where the search path finds them', async () => {
    const effects = await effectsIn(`create table app.a (id int);
      alter table app.a rename to b;
      set search_path to app;
      alter table b add x int;
      alter table b set schema elsewhere;
      alter table elsewhere.b drop x;
      alter table a drop x;`);
    expect(effects.map(locks)).toEqual([[], [], [], [], [], [], ['ACCESS EXCLUSIVE a']]);
  });

  it('have the columns, keys and indexes that statements gave them', async () => {
    const view = await catalogAfter(`create table app.a (id bigserial primary key, name varchar(20) unique, b_id int);
      create table app.b (id int primary key);
      alter table app.a add foreign key (b_id) references app.b on delete cascade, alter name set not null, drop b_id, add c text[];
      create index a_c on app.a (c, lower(name));
      alter index app.a_c rename to a_d;`);
    expect(table(view, 'a')).toMatchObject({
      origin: 'plan',
      rows: 0,
      columns: [
        { name: 'id', type: 'bigint', notNull: true },
        { name: 'name', type: 'character varying(20)', notNull: true },
        { name: 'c', type: 'text[]', notNull: false },
      ],
      foreignKeys: [],
      indexes: [{ name: 'a_pkey' }, { name: 'a_name_key', unique: true }, { name: 'a_d', columns: ['c', null] }],
    });
    expect(table(view, 'b')?.referencedBy).toEqual([]);
    expect(view.tableOfIndex({ schema: 'app', name: 'a_d' })?.name).toBe('app.a');
  });

  it('are gone when they are dropped, with what hung on them', async () => {
    const view = await catalogAfter(`create table app.a (id int primary key);
      create table app.b (a_id int references app.a);
      create view app.v as select * from app.b;
      create table app.p (id int) partition by range (id);
      create table app.p1 partition of app.p default;
      drop table app.b cascade;
      drop table app.p;`);
    expect(view.state.tables.values().map(({ name }) => name)).toEqual(['app.a']);
    expect(table(view, 'a')?.referencedBy).toEqual([]);
  });
});

it('a search path holds to the end of its file', async () => {
  const files = [
    { statements: await statementsOf('set search_path to app; create table a (id int)') },
    { statements: await statementsOf('drop table a; drop table app.a') },
  ];
  const found = [...simulateFiles(files, filesOnlyView(150_018))].map(({ statement, view }) =>
    effectsOf(statement, view),
  );
  expect(found.map(locks)).toEqual([[], [], ['ACCESS EXCLUSIVE a'], []]);
});

it('a check that is valid spares SET NOT NULL its scan, and one that is not does not', async () => {
  const effects = await effectsIn(`create table app.a (x int);
    alter table app.a add constraint c check (x is not null) not valid;
    alter table app.a alter x set not null;
    alter table app.a validate constraint c;
    alter table app.a alter x set not null`);
  expect(effects.map(({ work }) => work)).toEqual([[], [], [], [], []]);
  const view = await catalogAfter(`create table app.a (x int);
    alter table app.a add constraint c check (x is not null and x > 0) not valid;
    alter table app.a validate constraint c`);
  expect(table(view, 'a')?.constraints).toMatchObject([{ name: 'c', validated: true }]);
});

describe('a DO block', () => {
  it('does what its statements do, in whatever branch, and those of a constant EXECUTE', async () => {
    const [effects] = await effectsIn(`do $$ begin
        if not exists (select from pg_type where typname = 'x') then create type app.x as enum ('a'); end if;
        alter table app.a add column b int;
        execute 'drop table app.gone';
      exception when duplicate_object then null; end $$`);
    expect(effects).toMatchObject({
      summary: 'DO block that may: creates type app.x; adds column b to app.a; drops table app.gone',
      undoable: 'loses data',
      opaque: [],
    });
    expect(locks(effects!)).toEqual(['ACCESS EXCLUSIVE app.a', 'ACCESS EXCLUSIVE app.gone']);
  });

  it('tells what could not be read: EXECUTE, calls, and other languages', async () => {
    const effects =
      await effectsIn(`do $$ begin execute format('drop table %I', t); perform app.f(1); call app.g(); end $$;
      do language plpython3u $$ pass $$`);
    expect(effects.map(({ opaque }) => opaque)).toEqual([
      ['what app.f() does', 'what app.g() does', "EXECUTE format('drop table %I', t)"],
      ['a DO block in plpython3u'],
    ]);
  });
});

it('a statement that nobody has looked at is opaque, not harmless', async () => {
  const [effects] = await effectsIn('import foreign schema s from server r into app');
  expect(effects).toMatchObject({ locks: [], opaque: ['what import foreign schema does'] });
});

it('a function whose volatility is not known is taken for volatile, and that is said', async () => {
  const [unknown, known] = await effectsIn(
    'alter table app.a add b int default app.f(); alter table app.a add c timestamptz default now()',
  );
  expect(unknown).toMatchObject({
    work: [{ table: 'app.a', work: 'rewrite' }],
    opaque: ['whether the default of b is volatile'],
  });
  expect(known).toMatchObject({ work: [], opaque: [] });
});

it.each([
  ['alter table app.a drop column b', 'loses data'],
  ['drop table app.a', 'loses data'],
  ['delete from app.a where id = 1', 'loses data'],
  ['drop table app.a, app.b cascade', 'loses data'],
  ["alter type app.mood add value 'x'", 'no'],
  ['drop database other', 'no'],
  ['drop index app.a_b', 'yes'],
  ['alter table app.a add column b int', 'yes'],
] as const)('%s: undoable %s', async (sql, undoable) => {
  expect((await effectsIn(sql))[0]?.undoable).toBe(undoable);
});
