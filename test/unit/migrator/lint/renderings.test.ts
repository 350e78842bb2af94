import { describe, expect, it } from 'vitest';
import { ALL_RULES } from '../../../../src/migrator/lint/all-rules.ts';
import { rulesAbout } from '../../../../src/migrator/lint/rules-about.ts';
import { countsText, type LintReport } from '../../../../src/model/lint.ts';
import { lintSarif } from '../../../../src/report/migrator/lint-sarif.ts';
import { lintSummary, lintText } from '../../../../src/report/migrator/lint-text.ts';
import { lintCase } from './rule-cases.ts';

const report = () =>
  lintCase({
    up: `-- drydock:allow column-drop: not read since 2.4
alter table app.messages drop column note;
create index messages_user on app.messages (user_id);
create index messages_period on app.messages (period);`,
    down: 'drop index concurrently app.messages_user;\ndrop index concurrently app.messages_period;\nset lock_timeout = 0;\nalter table app.messages add column note text;',
  });

describe('as text', () => {
  it('each finding with its line, a caret, what to write instead and where to read more; why only once', async () => {
    expect(lintText(await report())).toBe(`m/001_case.up.sql

  error index-without-concurrently line 3:1
  CREATE INDEX takes SHARE on app.messages: writers wait until the index is built
    3 | create index messages_user on app.messages (user_id);
      | ^
  Every row is read while the lock is held. Until the index is finished nobody can insert, update or
  delete, and on a large table that takes minutes.
  instead:
    create index CONCURRENTLY messages_user on app.messages (user_id);
  more: docs/lint/index-without-concurrently.md

  error index-without-concurrently line 4:1
  CREATE INDEX takes SHARE on app.messages: writers wait until the index is built
    4 | create index messages_period on app.messages (period);
      | ^
  instead:
    create index CONCURRENTLY messages_period on app.messages (period);
  more: docs/lint/index-without-concurrently.md

m/001_case.down.sql

  error session-setting line 3:1
  SET lock_timeout overrides how long migrate waits, and so how long others wait behind it
    3 | set lock_timeout = 0;
      | ^
  Timeouts are what keeps readers from queueing behind a migration: migrate sets them by kind of
  statement and tries again. A changed role or search_path makes the same file do something else
  elsewhere.
  more: docs/lint/session-setting.md

3 errors in 1 migration pending on here, 1 allowed by comments`);
  });

  it('the caret stays in sight on a long line', async () => {
    const long = `${'select 1; '.repeat(20)}alter table app.messages drop column note`;
    const text = lintText(await lintCase({ up: long }));
    const lines = text.split('\n');
    const caret = lines.findIndex((line) => /^\s+\| +\^$/.test(line));
    expect(lines[caret - 1]!.length).toBeLessThanOrEqual(100);
    expect(lines[caret - 1]!.slice(lines[caret]!.indexOf('^'))).toMatch(/^drop column note/);
  });

  it('what a file says cannot move the cursor', async () => {
    const text = lintText(await lintCase({ up: 'alter table app.messages drop column "no\u001b[2Jte"' }));
    expect(text).not.toContain('\u001b');
  });

  const none: LintReport = {
    scope: { kind: 'all' },
    database: null,
    serverVersion: 140_000,
    migrations: 9,
    findings: [],
    allowed: [],
  };
  it.each([
    [
      none,
      'nothing found in 9 migrations, taken as one plan\nno database was asked; as for PostgreSQL 14. Tables made here count as new; with --since <version> those made up to it are in use',
    ],
    [
      { ...none, scope: { kind: 'since', version: '008' }, migrations: 1 },
      'nothing found in 1 migration after 008\nno database was asked; as for PostgreSQL 14',
    ],
    [
      { ...none, scope: { kind: 'pending' }, database: 'u@h:1/d', migrations: 2 },
      'nothing found in 2 migrations pending on u@h:1/d',
    ],
    [
      { ...none, scope: { kind: 'pending' }, database: 'u@h:1/d', migrations: 0 },
      'nothing to look at: no migration is pending on u@h:1/d',
    ],
  ] as const)('without a finding %#', (value, text) => {
    expect(lintText(value)).toBe(text);
  });

  it('a dry run ends with its counts', async () => {
    expect(lintSummary(await report())).toBe('lint: 3 errors; run `lint`');
    expect(lintSummary({ findings: [] })).toBe('lint: nothing found');
    expect(countsText({ errors: 1, warnings: 2 })).toBe('1 error, 2 warnings');
  });
});

describe('as SARIF 2.1.0', () => {
  const sarif = async () => lintSarif({ report: await report(), rules: rulesAbout(), toolVersion: '1.2.3' }) as Sarif;

  it('has its version, its schema and one run by a tool that names every rule', async () => {
    const { version, $schema, runs } = await sarif();
    expect({ version, $schema, runs: runs.length }).toEqual({
      version: '2.1.0',
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      runs: 1,
    });
    const { driver } = runs[0]!.tool;
    expect(driver).toMatchObject({ name: 'drydock', semanticVersion: '1.2.3' });
    expect(driver.rules.map(({ id }) => id)).toEqual(ALL_RULES.map(({ name }) => name));
    for (const rule of driver.rules) {
      expect(['error', 'warning']).toContain(rule.defaultConfiguration.level);
      expect(rule.shortDescription.text).not.toBe('');
      expect(rule.help.text).not.toBe('');
      expect(rule.helpUri).toBe(`docs/lint/${rule.id}.md`);
    }
  });

  it('every result names a rule that is there, and a place relative to the checkout', async () => {
    const { tool, results, originalUriBaseIds } = (await sarif()).runs[0]!;
    expect(results).toHaveLength(4);
    for (const { ruleId, ruleIndex, level, message, locations } of results) {
      expect(tool.driver.rules[ruleIndex]!.id).toBe(ruleId);
      expect(['error', 'warning']).toContain(level);
      expect(message.text).not.toBe('');
      const [{ physicalLocation: place }] = locations;
      expect(Object.keys(originalUriBaseIds)).toContain(place.artifactLocation.uriBaseId);
      expect(place.artifactLocation.uri).toMatch(/^m\/001_case\.(up|down)\.sql$/);
      expect(place.region.startLine).toBeGreaterThan(0);
      expect(place.region.startColumn).toBeGreaterThan(0);
    }
  });

  it('what a comment allows is there as suppressed, with its reason', async () => {
    const { results } = (await sarif()).runs[0]!;
    expect(results.map(({ ruleId, suppressions }) => [ruleId, suppressions])).toEqual([
      ['index-without-concurrently', undefined],
      ['index-without-concurrently', undefined],
      ['session-setting', undefined],
      ['column-drop', [{ kind: 'inSource', status: 'accepted', justification: 'not read since 2.4' }]],
    ]);
  });
});

interface Sarif {
  readonly version: string;
  readonly $schema: string;
  readonly runs: readonly {
    readonly originalUriBaseIds: object;
    readonly tool: {
      readonly driver: {
        readonly rules: readonly {
          readonly id: string;
          readonly helpUri: string;
          readonly help: { readonly text: string };
          readonly shortDescription: { readonly text: string };
          readonly defaultConfiguration: { readonly level: string };
        }[];
      };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly suppressions?: readonly object[];
      readonly locations: readonly [
        {
          readonly physicalLocation: {
            readonly artifactLocation: { readonly uri: string; readonly uriBaseId: string };
            readonly region: { readonly startLine: number; readonly startColumn: number };
          };
        },
      ];
    }[];
  }[];
}
