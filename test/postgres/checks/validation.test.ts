import type pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { runValidation } from '../../../src/checks/validation.ts';
import type { CheckOutcome } from '../../../src/model/outcome.ts';
import type { Expectation } from '../../../src/model/runbook.ts';
import { type StatementWithSql, sha256, type ValidationItemWithSql } from '../../../src/runbook/definition.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await freshDatabase();
  await database.query(`create table places (id int primary key, name text);
    create index places_name on places (name);
    create table berths (id int primary key, place_id int references places (id) deferrable initially deferred);
    insert into places values (1, 'secret-name'), (2, null)`);
  client = await database.connect();
});

const query = (sql: string, expect?: Expectation): StatementWithSql => ({
  mode: 'query',
  sqlDigest: sha256(sql),
  sql,
  ...(expect ? { expect } : {}),
});
const explain = (sql: string, index: string): StatementWithSql => ({
  mode: 'explain',
  sqlDigest: sha256(sql),
  sql,
  expect: { kind: 'uses-index', index },
});

function run(
  statements: readonly StatementWithSql[],
  more: Partial<ValidationItemWithSql> = {},
): Promise<CheckOutcome> {
  return runValidation(client, { id: 'structure', title: 'Structure', writes: false, statements, ...more });
}

describe('a validation', () => {
  it('passes where every expectation is met, and tells names and counts, never values', async () => {
    const outcome = await run([
      query(`select to_regclass('places') as places, 1 as one`, { kind: 'all-not-null' }),
      query('select name from places', { kind: 'rows', exactly: 2 }),
      query('select name from places', { kind: 'rows', atLeast: 1 }),
      query('select name from places where id > 2', { kind: 'no-rows' }),
      query(
        `select conrelid::regclass || ' to ' || confrelid::regclass as target from pg_constraint where contype = 'f'`,
        {
          kind: 'column-contains',
          column: 'target',
          values: ['berths', 'places'],
        },
      ),
      explain(`select name from places where name = 'secret-name'`, 'places_name'),
    ]);
    expect(outcome).toEqual({
      status: 'passed',
      summary: '6 statements as expected',
      evidence: [
        { name: 'statement 1', value: 'not null: places, one', limit: 'at least one row, nothing null' },
        { name: 'statement 2', value: '2 rows', limit: 'exactly 2 rows' },
        { name: 'statement 3', value: '2 rows', limit: 'at least 1 row' },
        { name: 'statement 4', value: 'no rows', limit: 'no rows' },
        { name: 'statement 5', value: 'berths, places in 1 row', limit: 'berths, places in column target' },
        {
          name: 'statement 6, its plan',
          value: expect.stringMatching(/Index.* on places_name/),
          limit: 'a scan by places_name',
        },
      ],
      measuredAt: expect.any(String),
    });
    expect(JSON.stringify(outcome)).not.toContain('secret-name');
  });

  it('tells every expectation that is not met, with the way out of the runbook', async () => {
    const outcome = await run(
      [
        query('select name, id from places', { kind: 'all-not-null' }),
        query('select 1', { kind: 'rows', atLeast: 3 }),
        query('select 1', { kind: 'no-rows' }),
        query(`select 'core.users_archive' as target`, {
          kind: 'column-contains',
          column: 'target',
          values: ['core.users'],
        }),
        query('select 1 as one', { kind: 'column-contains', column: 'target', values: ['x'] }),
        query('select where false', { kind: 'all-not-null' }),
        explain('select id from places where id = 1', 'places_name'),
      ],
      { otherwise: 'Run the migrations again.\n' },
    );
    expect(outcome.status).toBe('failed');
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'validation-failed',
      message: 'structure: 7 statements of 7 not as expected',
      found: `statement 1: null: name
statement 2: 1 row
statement 3: 1 row
statement 4: not there: core.users, in 1 row
statement 5: no column target
statement 6: no rows
statement 7, its plan: Index Only Scan on places_pkey`,
      expected: `statement 1: at least one row, nothing null
statement 2: at least 3 rows
statement 3: no rows
statement 4: core.users in column target
statement 5: x in column target
statement 6: at least one row, nothing null
statement 7, its plan: a scan by places_name`,
      next: 'Run the migrations again.',
    });
  });

  it('may not write unless it says so', async () => {
    const outcome = await run([query('insert into places values (3)', { kind: 'rows', exactly: 1 })]);
    expect(outcome.problem).toMatchObject({ code: 'database-read-only', sqlstate: '25006' });
    expect(outcome.evidence).toEqual([
      {
        name: 'statement 1',
        value: 'error: statement 1 failed: cannot execute INSERT in a read-only transaction',
        limit: 'no error',
      },
    ]);
  });

  it('is rolled back where it writes, so that it can be run again', async () => {
    for (let round = 0; round < 2; round += 1) {
      const outcome = await run(
        [
          query('insert into places values (3) returning id', { kind: 'rows', exactly: 1 }),
          query('delete from berths'),
        ],
        { writes: true },
      );
      expect(outcome.summary).toBe('2 statements as expected, written and rolled back');
      expect(outcome.evidence[1]).toEqual({ name: 'statement 2', value: 'done, no rows', limit: 'no error' });
    }
    expect(await database.query('select id from places order by id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('checks what would be checked at a commit', async () => {
    const outcome = await run([query('insert into berths values (1, 99)', { kind: 'rows', exactly: 1 })], {
      writes: true,
    });
    expect(outcome.problem).toMatchObject({
      message: expect.stringContaining('violates foreign key constraint "berths_place_id_fkey"'),
      sqlstate: '23503',
    });
  });

  it('stops at an error and leaves the session usable', async () => {
    const outcome = await run([query('select nothing from nowhere'), query('select 1')], { otherwise: 'Mend it.' });
    expect(outcome.evidence).toHaveLength(1);
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'validation-failed',
      message: 'structure: statement 1 failed: relation "nowhere" does not exist',
      next: 'Mend it.',
      sqlstate: '42P01',
    });
    expect((await run([query('select 1', { kind: 'rows', exactly: 1 })])).status).toBe('passed');
  });

  it('runs one statement only, whatever follows it', async () => {
    const outcome = await run([query('select 1; commit; drop table places')], { writes: true });
    expect(outcome.problem?.message).toContain('cannot insert multiple commands into a prepared statement');
    expect(await database.query(`select to_regclass('places') is not null as there`)).toEqual([{ there: true }]);
  });

  it('throws where the connection is lost, so that it is tried again', async () => {
    const doomed = await database.connect();
    const item = {
      id: 'a',
      title: 'A',
      writes: false,
      statements: [query('select pg_terminate_backend(pg_backend_pid())')],
    };
    await expect(runValidation(doomed, item)).rejects.toThrow();
  });
});
