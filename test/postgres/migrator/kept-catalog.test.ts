/** The catalog that a run keeps is taken by a statement that leaves out what is not there: it has to say what the whole one says. */
import { expect, it } from 'vitest';
import { catalogSignatureSql } from '../../../src/migrator/drift/catalog-signature.ts';
import { literalsOf } from '../../../src/migrator/drift/keep-catalog.ts';
import { SETTLE_SQL } from '../../../src/migrator/drift/settled-session.ts';
import { fingerprintSql } from '../../../src/migrator/fingerprint-sql.ts';
import { SIMPLE, setup } from './world.ts';

const { schemas, ledger } = literalsOf({ schemas: ['app'], ledgerSchema: 'app' });

it.each([
  ['nothing but tables', ''],
  ['policy app.parents.p', 'create policy p on app.parents using (true)'],
  ['rule app.parents.r', 'create rule r as on delete to app.parents do instead nothing'],
  ['view app.v', 'create view app.v as select 1 as x'],
  ['trigger app.parents', 'alter table app.parents disable trigger all'],
  ['enum app.mood', "create type app.mood as enum ('sad')"],
  ['domain app.d', 'create domain app.d as int constraint d_positive check (value > 0)'],
  ['type app.r', 'create type app.r as range (subtype = int)'],
  ['statistics app.st', 'create statistics app.st on id, name from app.parents'],
  ['default privileges app', 'alter default privileges in schema app grant select on tables to pg_monitor'],
  ['publication app.parents', 'create publication drydock_kept for table app.parents'],
  ['sequence app.s', 'create sequence app.s owned by app.parents.id'],
  ['table app.heir', 'create table app.heir () inherits (app.parents)'],
  ['function app.f()', "create function app.f() returns int language sql as 'select 1'"],
  ['other collation app.c', 'create collation app.c from "C"'],
])('with %s', async (object, sql) => {
  const { database, open } = await setup({ migrations: { ...SIMPLE, '004_more': [`select 1; ${sql}`, 'select 1;'] } });
  await open().migrate();
  const client = await database.connect();
  await client.query(SETTLE_SQL.replaceAll(', true)', ', false)'));
  const { rows } = await client.query(`
    select catalog_mark ->> 'signature' as signature, ${catalogSignatureSql(schemas, ledger)} as "wholeSignature",
           catalog_after as objects,
           (select json_agg(json_build_array(kind, id, definition)) from (${fingerprintSql(schemas, ledger)}) as o) as "wholeObjects"
      from app.schema_migrations where catalog_mark is not null`);
  const [kept] = rows;
  expect(kept.signature).toBe(kept.wholeSignature);
  expect(kept.objects).toEqual(kept.wholeObjects);
  const ids = kept.objects.map(([kind, id]: readonly string[]) => `${kind} ${id}`);
  if (sql !== '') expect(ids).toContainEqual(expect.stringContaining(object));
});
