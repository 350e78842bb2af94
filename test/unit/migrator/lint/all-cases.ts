/** The cases of every rule: one file a rule, under the rule's name. */
import { readdirSync } from 'node:fs';
import type { RuleCases } from './rule-cases.ts';

const FOLDER = new URL('rules/', import.meta.url);

export interface NamedCases extends RuleCases {
  readonly rule: string;
}

export const ALL_CASES: readonly NamedCases[] = await Promise.all(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.ts'))
    .map(async (name) => {
      const module = (await import(new URL(name, FOLDER).href)) as { readonly cases: RuleCases };
      return { rule: name.replace(/\.ts$/, ''), ...module.cases };
    }),
);
