import { describe, expect, it } from 'vitest';
import { analyseFile } from '../../../src/migrator/statements.ts';
import { problemOf } from '../../postgres/migrator/world.ts';

const file = (sql: string) => ({ path: 'migrations/001_a.up.sql', sql, checksum: '' });
const analyse = (sql: string) => analyseFile(file(sql));
const problem = (sql: string) => problemOf(analyse(sql));
/** `transaction(2) alone transaction(1)`. */
const partsOf = async (sql: string) =>
  (await analyse(sql)).parts
    .map((part) => (part.kind === 'alone' ? 'alone' : `transaction(${part.statements.length})`))
    .join(' ');

describe('a file is taken apart into statements', () => {
  it('with their text, kind and line, past comments and characters of several bytes', async () => {
    const { statements } = await analyse(
      "-- größer\nselect 'ä€😀';\n\n/* a /* nested */ comment */ create table x (y int)\n;\n-- end\n",
    );
    expect(statements.map(({ text, kind, line }) => ({ text, kind, line }))).toEqual([
      { text: "select 'ä€😀'", kind: 'SelectStmt', line: 2 },
      { text: 'create table x (y int)', kind: 'CreateStmt', line: 4 },
    ]);
  });

  it('a semicolon inside a body, a string or a comment ends nothing', async () => {
    const { statements } = await analyse("do $$ begin; end $$; select ';'; /* ; */ select 1");
    expect(statements.map(({ text }) => text)).toEqual(['do $$ begin; end $$', "select ';'", 'select 1']);
  });

  it('none in a file of comments', async () => {
    expect((await analyse('-- nothing to undo\n')).statements).toEqual([]);
  });

  it('tables that DELETE and TRUNCATE empty are named', async () => {
    const { statements } = await analyse('truncate a.b, "C"; delete from d; drop table e');
    expect(statements.map(({ empties }) => empties)).toEqual([['"a"."b"', '"C"'], ['"d"'], []]);
  });
});

describe('the parts of a file', () => {
  it.each([
    { sql: 'create table a (); create table b ()', parts: 'transaction(2)' },
    { sql: 'create index concurrently i on t (x)', parts: 'alone' },
    {
      sql: 'select 1; create index concurrently i on t (x); select 2; select 3',
      parts: 'transaction(1) alone transaction(2)',
    },
    { sql: 'drop index concurrently a; drop index concurrently b', parts: 'alone alone' },
    { sql: 'reindex (concurrently) table t', parts: 'alone' },
    { sql: 'reindex table t', parts: 'transaction(1)' },
    { sql: 'reindex schema s', parts: 'alone' },
    { sql: 'vacuum t; analyze t', parts: 'alone transaction(1)' },
    { sql: 'alter system set work_mem = 1; create database d', parts: 'alone alone' },
    { sql: 'alter table p detach partition q concurrently', parts: 'alone' },
    { sql: 'alter table p detach partition q', parts: 'transaction(1)' },
    { sql: "alter type t add value 'x'", parts: 'transaction(1)' },
    { sql: 'cluster; cluster t using i', parts: 'alone transaction(1)' },
    { sql: 'refresh materialized view concurrently v', parts: 'transaction(1)' },
    {
      sql: "create subscription s connection '' publication p; alter subscription s set (slot_name = none)",
      parts: 'alone transaction(1)',
    },
    { sql: 'begin; create table a (); commit', parts: 'transaction(1)' },
    { sql: 'START TRANSACTION; create table a (); END;', parts: 'transaction(1)' },
  ])('$sql → $parts', async ({ sql, parts }) => {
    expect(await partsOf(sql)).toBe(parts);
  });
});

describe('what would break the transaction is refused', () => {
  it('a COMMIT among other statements, with its place', async () => {
    expect(await problem('create table a ();\ncommit;\ncreate table b ();')).toEqual({
      code: 'transaction-control-in-file',
      message: 'migrations/001_a.up.sql begins or ends a transaction by itself: COMMIT stands among other statements',
      found: 'migrations/001_a.up.sql:2:1\n  2 | commit;\n      ^',
      expected:
        'no transaction control in the file, or BEGIN and COMMIT around all of it: each file is committed with its ledger row',
      next: 'take the statement out of migrations/001_a.up.sql, or split the file',
      retry: 'stop',
    });
  });

  it.each([
    'begin; select 1',
    'select 1; rollback',
    'savepoint x; select 1',
    'begin; select 1; commit; select 2',
    "prepare transaction 'x'",
    'begin isolation level serializable; select 1; commit',
  ])('%s', async (sql) => {
    expect((await problem(sql)).code).toBe('transaction-control-in-file');
  });

  it('a statement inside BEGIN … COMMIT that cannot be there', async () => {
    expect(await problem('begin;\n  create index concurrently i on t (x);\ncommit;')).toMatchObject({
      code: 'transaction-control-in-file',
      message:
        'migrations/001_a.up.sql begins or ends a transaction by itself: this statement cannot be inside BEGIN … COMMIT',
      found: 'migrations/001_a.up.sql:2:3\n  2 |   create index concurrently i on t (x);\n        ^',
    });
  });

  it('DISCARD ALL, which would give the lock up', async () => {
    expect(await problem('discard all')).toMatchObject({ code: 'statement-not-allowed' });
    expect(await partsOf('discard temp')).toBe('transaction(1)');
  });

  it('an index without a name, built CONCURRENTLY', async () => {
    expect(await problem('create index concurrently on t (x)')).toMatchObject({ code: 'index-without-name' });
  });
});

it('SQL that PostgreSQL does not understand is shown with a caret under the place', async () => {
  expect(await problem("select 'é', 'ü';\n\tcreate tabel x ();")).toEqual({
    code: 'migration-syntax',
    message: 'migrations/001_a.up.sql is not SQL that PostgreSQL understands: syntax error at or near "tabel"',
    found: 'migrations/001_a.up.sql:2:9\n  2 |  create tabel x ();\n              ^',
    expected: 'SQL statements only: psql commands such as \\connect and data after COPY … FROM stdin are not SQL',
    next: 'correct migrations/001_a.up.sql, then run the same command again',
    retry: 'stop',
  });
});
