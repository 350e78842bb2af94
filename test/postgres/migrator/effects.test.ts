/**
 * The proof of what is said about statements: each is predicted, then run for real in a transaction, and what its backend held
 * and wrote is compared.
 */
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import * as cases from './effects-cases.ts';
import { backendOf, EFFECTS_SCHEMA, locksOf, observe, predict, strongestByTable } from './effects-world.ts';
import { until } from './world.ts';

let database: TestDatabase;
let client: pg.Client;
let major: number;

beforeAll(async () => {
  database = await freshDatabase();
  await database.query(EFFECTS_SCHEMA);
  await database.query('analyze');
  client = await database.connect();
  const [version] = await database.query<{ server_version_num: string }>('show server_version_num');
  major = Math.floor(Number(version!.server_version_num) / 10_000);
});

/** What these read is what their query asks for, and no work that they make. */
const DATA = [
  'CreateTableAsStmt',
  'RefreshMatViewStmt',
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'TruncateStmt',
  'CopyStmt',
  'LockStmt',
  'DoStmt',
];

describe.each([
  ['creating', cases.CREATE_CASES],
  ['columns', cases.COLUMN_CASES],
  ['constraints', cases.CONSTRAINT_CASES],
  ['partitions', cases.PARTITION_CASES],
  ['storage, names and rights', cases.STORAGE_CASES],
  ['dropping', cases.DROP_CASES],
  ['rows', cases.DATA_CASES],
  ['others', cases.OTHER_CASES],
] as const)('%s: what is predicted is what the server does', (_family, list) => {
  test.for(list.map((one) => [one.sql, one] as const))(
    '%s',
    async ([sql, { more, since = 0, until = 99 }], context) => {
      context.skip(major < since || major > until, `a statement of other majors than ${major}`);
      const predicted = await predict(client, sql);
      const observed = await observe(database, sql);
      const locks = strongestByTable(predicted.locks);
      const rewritten = tablesWith(predicted.work, ['rewrite']);
      const emptied = tablesWith(predicted.work, ['data']);
      const said = {
        locks,
        rewritten,
        read: DATA.includes(predicted.kind) ? [] : tablesWith(predicted.work, ['scan', 'index build', 'rewrite']),
      };
      const done = {
        locks: observed.locks,
        rewritten: observed.rewritten.filter((table) => !emptied.includes(table)),
        read: DATA.includes(predicted.kind) ? [] : observed.scanned,
      };
      if (!more) expect(text(said), `predicted:\n${text(said)}\ndone:\n${text(done)}\n`).toBe(text(done));
      else {
        expect(said.locks).toEqual(expect.arrayContaining([...done.locks]));
        expect(said.rewritten).toEqual(expect.arrayContaining([...done.rewritten]));
        expect(said.read).toEqual(expect.arrayContaining([...done.read]));
      }
    },
  );
});

describe('outside of transactions', () => {
  test.each(cases.LONE_CASES)(
    '$sql asks for the lock that is predicted',
    async ({ sql, table, held = 'access exclusive' }) => {
      const predicted = (await predict(client, sql)).locks.filter((lock) => lock.table === table);
      const [holder, runner] = [await database.connect(), await database.connect()];
      const pid = await backendOf(runner);
      await holder.query(`begin; lock table ${table} in ${held} mode`);
      const running = runner.query(sql).catch((error: Error) => error);
      let waited: readonly { readonly mode: string; readonly granted: boolean }[] = [];
      await until(async () => {
        waited = (await locksOf(client, pid)).filter(({ granted }) => !granted);
        return waited.length > 0;
      });
      await client.query('select pg_cancel_backend($1)', [pid]);
      expect(await running).toMatchObject({ code: '57014' });
      await holder.query('rollback');
      expect(waited.map(({ mode }) => mode)).toEqual(predicted.map(({ mode }) => mode));
    },
  );
});

function text(found: Readonly<Record<'locks' | 'rewritten' | 'read', readonly string[]>>): string {
  return Object.entries(found)
    .map(([what, tables]) => `${what}: ${tables.join(', ')}`)
    .join('\n');
}

function tablesWith(
  work: readonly { readonly table: string; readonly work: string }[],
  kinds: readonly string[],
): string[] {
  return work
    .filter((one) => kinds.includes(one.work))
    .map(({ table }) => table)
    .sort();
}
