import { describe, expect, it } from 'vitest';
import { filesOnlyView } from '../../../../src/migrator/effects/simulation.ts';
import { readMigrationFiles } from '../../../../src/migrator/files.ts';
import { lintMigrations } from '../../../../src/migrator/lint/lint-migrations.ts';
import type { LintScope } from '../../../../src/model/lint.ts';
import { lintCase, migrationOf } from './rule-cases.ts';

const ups = (...texts: string[]) => texts.map((up, index) => migrationOf(String(index + 1).padStart(3, '0'), up));
const lint = (migrations: ReturnType<typeof ups>, scope: LintScope) =>
  lintMigrations({ migrations, scope, view: filesOnlyView(150_000), schemas: ['app'], database: null });
const rulesIn = async (report: ReturnType<typeof lint>) =>
  (await report).findings.map(({ migration, rule }) => `${migration} ${rule}`);

const TABLE = 'create schema app;\ncreate table app.t (id bigint primary key, a integer);';
const INDEX = 'create index t_a on app.t (a);';

describe('which tables are in use', () => {
  it('with all files as one plan: none that they make', async () => {
    expect(await rulesIn(lint(ups(TABLE, INDEX), { kind: 'all' }))).toEqual([]);
  });

  it('since a version: those that the files up to it have made', async () => {
    const report = lint(ups(TABLE, INDEX), { kind: 'since', version: '001' });
    expect(await rulesIn(report)).toEqual(['002_case index-without-concurrently']);
    expect((await report).migrations).toBe(1);
  });

  it('since a version: not those that come after it', async () => {
    expect(await rulesIn(lint(ups('select 1', TABLE, INDEX), { kind: 'since', version: '1' }))).toEqual([]);
  });

  it('a table that no file makes is there', async () => {
    expect(await rulesIn(lint(ups('create index i on other.t (a)'), { kind: 'all' }))).toEqual([
      '001_case index-without-concurrently',
    ]);
  });
});

describe('mirrors', () => {
  it('work on what their migration has left', async () => {
    const { findings } = await lintCase({
      up: 'alter table app.messages add column a text',
      down: 'alter table app.messages drop column a, add constraint k check (size > 0)',
    });
    expect(findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`)).toEqual([
      'check-without-not-valid m/001_case.down.sql:1',
    ]);
  });

  it('what one rolls back is not seen by the next migration', async () => {
    const { findings } = await lintCase({
      before: ['create table app.new (a int)'],
      up: 'create index i on app.new (a)',
      down: 'drop table app.new',
    });
    expect(findings.map(({ rule }) => rule)).toEqual(['mirror-removes-more']);
  });
});

describe('places', () => {
  it('count characters, not bytes', async () => {
    const { findings } = await lintCase({
      up: "-- größer 😀\nselect 'ä€😀'; alter table app.messages drop column note;",
    });
    expect(findings[0]).toMatchObject({
      line: 2,
      column: 40,
      excerpt: "select 'ä€😀'; alter table app.messages drop column note;",
    });
  });

  it('a file that is no SQL is one finding, and the others are looked at', async () => {
    const report = await lint(ups('creat table x ()', 'create index i on app.t (a)'), { kind: 'all' });
    expect(report.findings.map(({ rule, file, line, column }) => `${rule} ${file}:${line}:${column}`)).toEqual([
      'syntax m/001_case.up.sql:1:1',
      'index-without-concurrently m/002_case.up.sql:1:1',
    ]);
  });

  it('an empty file of comments says nothing', async () => {
    expect((await lint(ups('-- nothing to do\n'), { kind: 'all' })).findings).toEqual([]);
  });
});

describe('what is allowed', () => {
  it('is in the report with its reason, and is no finding', async () => {
    const { findings, allowed } = await lintCase({
      up: '-- why not\n-- drydock:allow column-drop: not read since 2.4\nalter table app.messages drop column note',
    });
    expect(findings).toEqual([]);
    expect(allowed).toMatchObject([{ rule: 'column-drop', line: 3, reason: 'not read since 2.4' }]);
  });

  it('is this statement, not the next', async () => {
    const { findings, allowed } = await lintCase({
      up: '/* drydock:allow column-drop: first */ alter table app.messages drop column note;\nalter table app.messages drop column size',
    });
    expect(findings.map(({ rule, line }) => `${rule} ${line}`)).toEqual(['column-drop 2']);
    expect(allowed).toHaveLength(1);
  });

  it('may be what a mirror does wrong', async () => {
    const { findings, allowed } = await lintCase({
      up: '-- drydock:allow mirror-incomplete: other programs use it by then\ncreate schema shared',
      down: '-- it stays',
    });
    expect(findings).toEqual([]);
    expect(allowed).toMatchObject([{ rule: 'mirror-incomplete' }]);
  });

  it('is not what stands in a string', async () => {
    const { findings } = await lintCase({ up: "select '-- drydock:allow nothing'" });
    expect(findings).toEqual([]);
  });
});

it('the shipped migrations are clean, as one plan and each after those before it', async () => {
  const migrations = await readMigrationFiles({
    directory: 'migrations/communication',
    root: process.cwd(),
    mirrors: 'required',
    numbers: 'consecutive',
  });
  const view = filesOnlyView(140_000);
  const request = { migrations, view, schemas: ['communication'], database: null };
  expect(await lintMigrations({ ...request, scope: { kind: 'all' } })).toMatchObject({
    findings: [],
    allowed: [],
    migrations: 9,
  });
  for (const { version } of migrations) {
    expect((await lintMigrations({ ...request, scope: { kind: 'since', version } })).findings).toEqual([]);
  }
});
