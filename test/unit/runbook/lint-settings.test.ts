/** What a runbook may say of lint rules, and what lint then finds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesOnlyView } from '../../../src/migrator/effects/simulation.ts';
import { readMigrationFiles } from '../../../src/migrator/files.ts';
import { ALL_RULES } from '../../../src/migrator/lint/all-rules.ts';
import { lintMigrations } from '../../../src/migrator/lint/lint-migrations.ts';
import { LINT_RULE_NAMES } from '../../../src/model/lint-rule-names.ts';
import { lintSarif } from '../../../src/report/migrator/lint-sarif.ts';
import { lintText } from '../../../src/report/migrator/lint-text.ts';
import { loadRunbook } from '../../../src/runbook/load.ts';
import { type Checkout, makeCheckout, problemOf } from './checkout.ts';

const RUNBOOK = `version: 1
name: small
title: Small
schemas: [app]
ledgerSchema: app
migrations: { directory: migrations }
checklist: [{ id: primary, title: Primary, check: primary }]
execution: [{ id: migrate, title: Migrate, step: migrate }]
`;

const SETTINGS = `lint:
  rules:
    column-drop: { level: off, reason: columns are read by nobody for a release before they go }
    json-type: { level: error, reason: jsonb only }
    index-without-concurrently: { level: warn, reason: tables here are small }
`;

const UP = `-- drydock:allow index-without-concurrently: empty here
create index notes_a on app.notes (a);
create index notes_b on app.notes (b);
alter table app.notes drop column c;
alter table app.notes add column d json;
`;
const DOWN = `alter table app.notes drop column d;
alter table app.notes add column c text;
drop index concurrently app.notes_b;
drop index concurrently app.notes_a;
`;

it('the names that are accepted are those of the rules', () => {
  expect([...LINT_RULE_NAMES]).toEqual(ALL_RULES.map(({ name }) => name).sort());
});

describe('lint settings of a runbook', () => {
  let checkout: Checkout;
  beforeAll(async () => {
    checkout = await makeCheckout({ 'migrations/001_a.up.sql': UP, 'migrations/001_a.down.sql': DOWN });
  });
  afterAll(() => checkout.remove());

  const load = async (added: string) => {
    await checkout.write('runbooks/small.yaml', `${RUNBOOK}${added}`);
    return loadRunbook('small', checkout.root);
  };
  const lint = async (added: string) => {
    const { definition } = await load(added);
    return lintMigrations({
      migrations: await readMigrationFiles({ directory: 'migrations', root: checkout.root }),
      scope: { kind: 'all' },
      view: filesOnlyView(150_000),
      schemas: ['app'],
      settings: definition.lint,
      database: null,
    });
  };

  it('are no part of a runbook that has none, nor of its digest', async () => {
    const loaded = await load('');
    expect(loaded.definition).not.toHaveProperty('lint');
    // What it was before there were such settings: runs that are under way compare it.
    expect(loaded.digest).toBe('ee8afe8d14d439640070cbcfeb818ffd6dbc3cd4a62a378b265733f845644ada');
    expect((await load(SETTINGS)).digest).not.toBe(loaded.digest);
  });

  it('turn a rule off with its reason, and give others another severity; a comment comes first', async () => {
    const seen = (one: { rule: string; severity: string; line: number }) => `${one.severity} ${one.rule} ${one.line}`;
    const plain = await lint('');
    expect(plain.findings.map(seen)).toEqual([
      'error index-without-concurrently 3',
      'error column-drop 4',
      'warning json-type 5',
    ]);
    const report = await lint(SETTINGS);
    expect(report.findings.map(seen)).toEqual(['warning index-without-concurrently 3', 'error json-type 5']);
    expect(report.allowed.map(({ rule, by, reason }) => ({ rule, by, reason }))).toEqual([
      { rule: 'index-without-concurrently', by: 'comment', reason: 'empty here' },
      { rule: 'column-drop', by: 'runbook', reason: 'columns are read by nobody for a release before they go' },
    ]);
    expect(lintText(report).split('\n').at(-2)).toBe(
      '1 error, 1 warning in 1 migration, taken as one plan, 1 allowed by comments, 1 of rules that the runbook has turned off',
    );
    const sarif = lintSarif({ report, rules: [], toolVersion: '0' }) as {
      runs: { results: { ruleId: string; suppressions?: { kind: string }[] }[] }[];
    };
    expect(sarif.runs[0]!.results.map(({ ruleId, suppressions }) => [ruleId, suppressions?.[0]?.kind])).toEqual([
      ['index-without-concurrently', undefined],
      ['json-type', undefined],
      ['index-without-concurrently', 'inSource'],
      ['column-drop', 'external'],
    ]);
  });

  it('are refused with the place and the nearest name where a rule, a level or a reason is wrong', async () => {
    const problem = await problemOf(
      load(`lint:
  rules:
    colum-drop: { level: off, reason: x }
    json-type: { level: warning, reason: x }
    money-type: { level: off }
  severity: error
`),
    );
    expect(problem.code).toBe('runbook-invalid');
    expect(problem.found?.split('\n')).toEqual([
      'runbooks/small.yaml:11:5: "colum-drop" is no lint rule; did you mean "column-drop"?',
      'runbooks/small.yaml:12:25: level: expected one of off, warn, error, found "warning"',
      'runbooks/small.yaml:13:17: missing key "reason"',
      'runbooks/small.yaml:14:3: unknown key "severity"',
    ]);
  });
});
