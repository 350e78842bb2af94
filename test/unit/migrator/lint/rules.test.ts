import { readFileSync } from 'node:fs';
import { parse } from 'libpg-query';
import { describe, expect, it } from 'vitest';
import { ALL_RULES } from '../../../../src/migrator/lint/all-rules.ts';
import { NEXT_MIGRATION } from '../../../../src/migrator/lint/steps.ts';
import { ALL_CASES } from './all-cases.ts';
import { lintCase, shownFinding } from './rule-cases.ts';

describe.each(ALL_CASES)('$rule', ({ rule, found, silent }) => {
  it.each(found)('finds: $up', async (one) => {
    const { findings } = await lintCase(one);
    expect(findings.filter((finding) => finding.rule === rule).map(shownFinding)).toEqual(one.findings);
    expect(one.findings).not.toEqual([]);
  });

  it.each(silent)('is silent, because $because: $up', async (one) => {
    const { findings } = await lintCase(one);
    expect(findings.filter((finding) => finding.rule === rule)).toEqual([]);
  });
});

const page = (name: string): string => readFileSync(new URL(`../../../../docs/lint/${name}`, import.meta.url), 'utf8');
const names = ALL_RULES.map(({ name }) => name);

describe('every rule', () => {
  it('has a name of its own', () => {
    expect(new Set(names).size).toBe(names.length);
  });

  it('has cases of both kinds, and there are no cases without a rule', () => {
    expect(ALL_CASES.map(({ rule }) => rule).sort()).toEqual([...names].sort());
    expect(ALL_CASES.filter(({ found, silent }) => found.length === 0 || silent.length === 0)).toEqual([]);
  });

  it('is in the index of the pages, in the order of the list', () => {
    const listed = [...page('README.md').matchAll(/^\| \[([a-z0-9-]+)\]\(\1\.md\) \|/gm)].map(([, name]) => name);
    expect(listed).toEqual(names);
  });

  it.each(ALL_RULES)(
    '$name has a page that says what happens, the safe way and how to allow it',
    ({ name, severity, title }) => {
      const text = page(`${name}.md`);
      const lines = text.trimEnd().split('\n');
      expect(lines[0]).toBe(`# ${name}`);
      expect(lines[2]).toBe(`${title}. ${severity === 'error' ? 'An error' : 'A warning'}.`);
      expect(text).toContain('## What happens');
      expect(text).toContain('## The safe way');
      expect(text).toContain('## Allow it');
      expect(lines.length).toBeGreaterThanOrEqual(15);
      expect(lines.length).toBeLessThanOrEqual(45);
    },
  );

  it.each(ALL_RULES)('$name says what it does to a system in use, in whole sentences', ({ why, title }) => {
    expect(why).toMatch(/^[A-Z][\s\S]+\.$/);
    expect(title).toMatch(/[^.]$/);
  });
});

const proposed = ALL_CASES.flatMap(({ rule, found }) =>
  found.flatMap(({ findings, ...one }) =>
    findings.flatMap(({ instead }) => (instead === null ? [] : [{ rule, instead, ...one }])),
  ),
);

describe('what is proposed instead', () => {
  it.each(proposed)('is SQL: $rule: $instead', async ({ instead }) => {
    expect((await parse(instead)).stmts?.length).toBeGreaterThan(0);
  });

  it.each(proposed)(
    'breaks the same rule no more: $rule: $instead',
    async ({ rule, instead, up: _, down: __, ...one }) => {
      const files = instead.split(NEXT_MIGRATION).filter((part) => part.trim() !== '');
      const { findings } = await lintCase({
        ...one,
        before: [...(one.before ?? []), ...files.slice(0, -1)],
        up: files.at(-1)!,
      });
      expect(findings.filter((finding) => finding.rule === rule && finding.severity === 'error')).toEqual([]);
    },
  );
});
