import { describe, expect, it } from 'vitest';
import { setup } from './takeover-world.ts';
import { problemOf } from './world.ts';

const versions = (outcomes: readonly { readonly version: string }[]) => outcomes.map(({ version }) => version);

describe('a directory of another tool, run as it is', () => {
  it.each([
    {
      format: 'dbmate',
      file: '1_a.sql',
      text: '-- migrate:up\ncreate table a (id int);\nselect nothing;\n-- migrate:down\ndrop table a;\n',
      place: 'migrations/app/1_a.sql:3:8',
    },
    {
      format: 'goose',
      file: '00001_a.sql',
      text: '-- +goose Up\n-- +goose StatementBegin\nselect nothing;\n-- +goose StatementEnd\n-- +goose Down\n',
      place: 'migrations/app/00001_a.sql:3:8',
    },
    {
      format: 'flyway',
      file: 'V1__a.sql',
      text: 'select 1;\nselect nothing;',
      place: 'migrations/app/V1__a.sql:2:8',
    },
    {
      format: 'prisma',
      file: '20240101000000_a/migration.sql',
      text: '-- CreateTable\nselect nothing;',
      place: 'migrations/app/20240101000000_a/migration.sql:2:8',
    },
  ])('$format: an error points into the real file', async ({ file, text, place }) => {
    const world = await setup({ files: { [file]: text } });
    const { found } = await problemOf(world.open().migrate());
    expect(found?.split('\n')[0]).toBe(place);
  });

  it('an error on the way down points into it too', async () => {
    const text = '-- migrate:up\ncreate table a ();\n\n-- migrate:down\ndrop table a;\nselect nothing;\n';
    const world = await setup({ files: { '1_a.sql': text } });
    await world.open().migrate();
    expect((await problemOf(world.open().rollback())).found).toBe(
      'migrations/app/1_a.sql:6:8\n  6 | select nothing;\n             ^',
    );
    expect(await world.ledger()).toHaveLength(1);
  });

  it('up and down of one file are run, each with its own part', async () => {
    const files = {
      '1_a.sql': '-- +goose Up\ncreate table a ();\n-- +goose Down\ndrop table a;\n',
      '2_b.sql':
        '-- +goose Up\n-- +goose StatementBegin\ncreate function f() returns int language plpgsql as $$ begin\n  return 1;\nend $$;\n-- +goose StatementEnd\n-- +goose Down\ndrop function f();\n',
    };
    const world = await setup({ files });
    expect(versions(await world.open().migrate())).toEqual(['1', '2']);
    expect(await world.database.query('select f()')).toEqual([{ f: 1 }]);
    await world.open().rollback();
    await world.open().rollback();
    expect(
      await world.database.query(`select to_regclass('a') as a, to_regclass('schema_migrations') as ledger`),
    ).toEqual([{ a: null, ledger: null }]);
  });

  it('a file that asks for no transaction is run statement by statement', async () => {
    const files = {
      '1_a.sql': '-- migrate:up\ncreate table a (id int);\n-- migrate:down\ndrop table a;\n',
      '2_b.sql':
        '-- migrate:up transaction:false\ncreate index concurrently a_id on a (id);\n-- migrate:down transaction:false\ndrop index concurrently a_id;\n',
    };
    const world = await setup({ files });
    expect(versions(await world.open().migrate())).toEqual(['1', '2']);
    expect(await world.database.query(`select indisvalid from pg_index where indexrelid = 'a_id'::regclass`)).toEqual([
      { indisvalid: true },
    ]);
    expect(await world.open().rollback()).toMatchObject({ version: '2', outcome: 'reverted' });
  });

  it('golang-migrate’s empty files, missing downs and mixed widths', async () => {
    const files = {
      '1_a.up.sql': 'create table a ();',
      '1_a.down.sql': '',
      '000002_b.up.sql': '',
      '000002_b.down.sql': '-- nothing to undo\n',
      '20240101000000_c.up.sql': 'create table c ();',
      'fixtures.sql': 'not sql at all',
    };
    const world = await setup({ files });
    expect(versions(await world.open().migrate())).toEqual(['1', '000002', '20240101000000']);
    expect((await world.open().status()).ignored).toEqual(['fixtures.sql']);
    expect(await problemOf(world.open().rollback())).toMatchObject({ code: 'migration-without-mirror' });
    await world.write('20240101000000_c.down.sql', 'drop table c;');
    expect(await problemOf(world.open().rollback())).toMatchObject({ code: 'migration-edited' });
  });

  it('Flyway’s versions are applied in the order of their numbers', async () => {
    const files = {
      'V1.9__a.sql': "create table steps (n serial, what text); insert into steps (what) values ('1.9');",
      'V1.10__b.sql': "insert into steps (what) values ('1.10');",
      'V2__c.sql': "insert into steps (what) values ('2');",
      'U2__c.sql': "delete from steps where what = '2';",
      'R__view.sql': 'create or replace view seen as select what from steps order by n;',
    };
    const world = await setup({ files });
    expect(versions(await world.open().migrate())).toEqual(['1.9', '1.10', '2', 'R__view']);
    expect(await world.database.query('select what from seen')).toEqual([
      { what: '1.9' },
      { what: '1.10' },
      { what: '2' },
    ]);
    expect(await world.open().rollback()).toMatchObject({ version: '2', outcome: 'reverted' });
    await world.write('V1.9.1__late.sql', 'select 1;');
    expect((await world.open().plan()).problems).toMatchObject([
      { code: 'migration-out-of-order', message: '1.9.1_late is not applied, but 1.10 is' },
    ]);
  });

  it('drizzle’s statements without semicolons', async () => {
    const files = {
      '0000_a.sql':
        'CREATE TABLE "a" ("id" serial)\n--> statement-breakpoint\nCREATE TABLE "b" ()--> statement-breakpoint\nCREATE TABLE "c" ();',
      'meta/_journal.json': JSON.stringify({ entries: [{ tag: '0000_a', when: 1 }] }),
    };
    const world = await setup({ files });
    expect(versions(await world.open().migrate())).toEqual(['0000']);
    expect(
      await world.database.query(`select to_regclass('b') is not null and to_regclass('c') is not null as there`),
    ).toEqual([{ there: true }]);
  });
});
