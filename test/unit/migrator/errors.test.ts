import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../../src/model/problem.ts';
import { connectProblem } from '../../../src/postgres/connect-problem.ts';
import { describeDatabaseUrl, parseDatabaseUrl } from '../../../src/postgres/database-url.ts';
import { problemFromPg } from '../../../src/postgres/problem-from-pg.ts';
import { excerpt, placeOf } from '../../../src/postgres/sql-excerpt.ts';
import { classifyError, classifySqlState } from '../../../src/postgres/sqlstate.ts';

const pgError = (code: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { code, severity: 'ERROR', ...more });
const nodeError = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });

describe('the class of an error says whether to try again', () => {
  it.each([
    { sqlstate: '08006', retry: 'retry', code: 'connection-lost' },
    { sqlstate: '08P01', retry: 'stop', code: 'protocol-violation' },
    { sqlstate: '40001', retry: 'retry', code: 'serialization-failure' },
    { sqlstate: '40P01', retry: 'retry', code: 'deadlock' },
    { sqlstate: '53300', retry: 'retry', code: 'too-many-connections' },
    { sqlstate: '53100', retry: 'stop', code: 'disk-full' },
    { sqlstate: '53200', retry: 'stop', code: 'out-of-memory' },
    { sqlstate: '53400', retry: 'stop', code: 'insufficient-resources' },
    { sqlstate: '58030', retry: 'stop', code: 'disk-error' },
    { sqlstate: '55P03', retry: 'retry', code: 'lock-timeout' },
    { sqlstate: '57014', retry: 'stop', code: 'statement-cancelled' },
    { sqlstate: '57P01', retry: 'retry', code: 'connection-lost' },
    { sqlstate: '57P03', retry: 'retry', code: 'database-starting' },
    { sqlstate: '42501', retry: 'stop', code: 'missing-rights' },
    { sqlstate: '25006', retry: 'stop', code: 'database-read-only' },
    { sqlstate: '28P01', retry: 'stop', code: 'database-auth-failed' },
    { sqlstate: '42P01', retry: 'stop', code: 'database-error' },
    { sqlstate: 'DD001', retry: 'stop', code: 'claim-lost' },
  ])('SQLSTATE $sqlstate: $retry, $code', ({ sqlstate, retry, code }) => {
    expect(classifySqlState(sqlstate)).toEqual({ retry, code });
  });

  it.each([
    { error: nodeError('ECONNREFUSED'), retry: 'retry', code: 'database-unreachable' },
    { error: nodeError('ECONNRESET'), retry: 'retry', code: 'connection-lost' },
    { error: nodeError('ENOTFOUND'), retry: 'stop', code: 'database-host-unknown' },
    { error: nodeError('ENOENT', { syscall: 'connect' }), retry: 'retry', code: 'database-unreachable' },
    { error: nodeError('ENOENT', { syscall: 'open' }), retry: 'stop', code: 'database-error' },
    { error: new Error('Connection terminated unexpectedly'), retry: 'retry', code: 'connection-lost' },
    { error: new AggregateError([nodeError('ECONNREFUSED')]), retry: 'retry', code: 'database-unreachable' },
    { error: new TypeError('x is not a function'), retry: 'stop', code: 'database-error' },
    { error: 'text', retry: 'stop', code: 'database-error' },
  ])('$error: $retry, $code', ({ error, retry, code }) => {
    expect(classifyError(error)).toEqual({ retry, code });
  });
});

describe('a statement that fails becomes a problem', () => {
  const source = { path: 'm/001_a.up.sql', sql: "select 'é';\n  select core.users;\n" };

  it('with the line, a caret under the place, detail and hint', () => {
    const error = pgError('2BP01', 'cannot drop', {
      position: '22',
      detail: 'view v depends on it',
      hint: 'Use CASCADE.',
    });
    expect(problemFromPg(error, { doing: 'applying 001_a', code: 'migration-failed', source })).toEqual({
      code: 'migration-failed',
      message: 'applying 001_a failed: cannot drop',
      found: [
        'm/001_a.up.sql:2:10',
        '  2 |   select core.users;',
        '               ^',
        'detail: view v depends on it',
        'hint: Use CASCADE.',
      ].join('\n'),
      retry: 'stop',
      sqlstate: '2BP01',
    });
  });

  it('the place is moved by what was sent before the file', () => {
    const problem = problemFromPg(pgError('42P01', 'x', { position: '32' }), {
      doing: 'd',
      source: { ...source, shift: -10 },
    });
    expect(problem.found).toMatch(/^m\/001_a.up.sql:2:10\n/);
  });

  it('without a position the statement that failed is shown', () => {
    const problem = problemFromPg(pgError('3F000', 'x'), { doing: 'd', source: { ...source, statementStart: 14 } });
    expect(problem.found).toBe('m/001_a.up.sql:2:3\n  2 |   select core.users;\n        ^');
  });

  it('rows that PostgreSQL quotes do not get into it', () => {
    const error = pgError('23505', 'duplicate key value violates unique constraint "k"', {
      detail: 'Key (a)=(secret) exists.',
    });
    expect(JSON.stringify(problemFromPg(error, { doing: 'd' }))).not.toContain('secret');
    const conversion = pgError('22P02', 'invalid input syntax for type integer: "secret"');
    expect(problemFromPg(conversion, { doing: 'd' }).message).toBe('d failed: invalid input syntax for type integer');
  });

  it('a problem stays the problem it is', () => {
    const error = new ProblemError({ code: 'claim-held', message: 'm' });
    expect(problemFromPg(error, { doing: 'd' })).toBe(error.problem);
  });
});

describe('places in SQL', () => {
  it('count characters, not bytes or UTF-16 units', () => {
    expect(placeOf('😀é\nab😀c', 6)).toEqual({ line: 2, column: 4, text: 'ab😀c' });
    expect(placeOf('a', 5)).toBeUndefined();
  });

  it('a long line is cut around the caret', () => {
    const shown = excerpt('f.sql', placeOf(`${'x'.repeat(200)}HERE${'y'.repeat(200)}`, 200)!).split('\n');
    expect(shown[1]!.length).toBeLessThan(120);
    expect(shown[1]![shown[2]!.indexOf('^')]).toBe('H');
  });
});

describe('a URL', () => {
  it('is described without its password', () => {
    expect(describeDatabaseUrl('postgres://a%40b:geheim@db.example:6000/app?sslmode=disable')).toBe(
      'a@b@db.example:6000/app',
    );
    expect(describeDatabaseUrl('postgres:///app?host=/tmp/socket&port=5599&user=u')).toBe('u@/tmp/socket:5599/app');
    expect(describeDatabaseUrl('postgresql://db/app')).toBe('db:5432/app');
  });

  it.each(['', 'localhost/app', 'mysql://u:geheim@h/d', 'postgres://u:ge#heim@h/d', 'postgres://u:geheim@h:port/d'])(
    'that cannot be used is refused without repeating it: %s',
    (url) => {
      expect(() => parseDatabaseUrl(url)).toThrow('database-url-invalid');
      try {
        parseDatabaseUrl(url);
      } catch (error) {
        expect(JSON.stringify((error as ProblemError).problem)).not.toContain('heim');
      }
    },
  );
});

it('a pooler that refuses start-up options is told apart from a server', () => {
  const { problem } = connectProblem(pgError('08P01', 'unsupported startup parameter: options'), 'u@h:6432/d');
  expect(problem).toEqual({
    code: 'pooled-connection',
    message: 'the URL leads through a connection pooler',
    found: 'the start-up parameter options was refused, as PgBouncer does',
    expected: 'a direct connection: session locks, limits and the backend that does the work must be ours alone',
    next: "pass the URL of the PostgreSQL server itself (often port 5432) with --url, not the pooler's",
    retry: 'stop',
  });
});

it('a server without the limits that are needed is too old', () => {
  const error = pgError('42704', 'unrecognized configuration parameter "client_connection_check_interval"');
  expect(connectProblem(error, 'u@h:5432/d').problem).toMatchObject({
    code: 'server-too-old',
    expected: 'PostgreSQL 14 or newer',
  });
});
