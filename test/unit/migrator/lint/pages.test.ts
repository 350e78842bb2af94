/** The pages of the rules say what is true: what they show as dangerous is found, and what they show as safe is not. */
import { readFileSync } from 'node:fs';
import { parse } from 'libpg-query';
import { describe, expect, it } from 'vitest';
import { ALL_RULES } from '../../../../src/migrator/lint/all-rules.ts';
import { NEXT_MIGRATION } from '../../../../src/migrator/lint/steps.ts';
import { lintCase } from './rule-cases.ts';

interface Page {
  readonly name: string;
  readonly dangerous: string;
  readonly safe: string;
}

/** Their examples show two files, or need a table that is known to be partitioned. */
const OTHERWISE = ['mirror-incomplete', 'mirror-removes-more', 'concurrently-on-partitioned-table'];

const pages: readonly Page[] = ALL_RULES.map(({ name }) => {
  const text = readFileSync(new URL(`../../../../docs/lint/${name}.md`, import.meta.url), 'utf8');
  const [dangerous = '', safe = ''] = [...text.matchAll(/```sql\n([\s\S]*?)\n```/g)].map(([, sql]) => sql!);
  return { name, dangerous, safe };
});

const shown = pages.filter(({ name }) => !OTHERWISE.includes(name));

/** Steps of a page are files one after the other; no database is asked, so every table is in use. */
const lintPage = (sql: string) => {
  const files = sql.split(NEXT_MIGRATION);
  return lintCase({
    before: files.slice(0, -1),
    up: files.at(-1)!,
    target: 'files',
    major: 17,
    schemas: ['app', 'core'],
  });
};

describe.each(shown)('$name', ({ name, dangerous, safe }) => {
  it('finds what its page calls dangerous', async () => {
    expect((await lintPage(dangerous)).findings.map(({ rule }) => rule)).toContain(name);
  });

  it('does not find what its page calls safe', async () => {
    expect((await parse(safe)).stmts?.length).toBeGreaterThan(0);
    const { severity } = ALL_RULES.find((rule) => rule.name === name)!;
    const left = (await lintPage(safe)).findings.filter((one) => one.rule === name && one.severity === severity);
    // These stay what they are, also where they are done with care.
    if (!['trigger-on-busy-table', 'not-null-drop'].includes(name)) expect(left).toEqual([]);
  });
});

it('an allowing comment as the pages show it is one', async () => {
  for (const { name } of pages) {
    const text = readFileSync(new URL(`../../../../docs/lint/${name}.md`, import.meta.url), 'utf8');
    const comment = /^-- drydock:allow ([a-z-]+): (.+)$/m.exec(text.slice(text.indexOf('## Allow it')));
    if (comment) expect(comment[1]).toBe(name);
  }
});
