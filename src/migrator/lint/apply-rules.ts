/** Asks every rule about every statement of a file. */
import { type Located, located } from './located.ts';
import type { Rule, StatementContext, StatementRule } from './rule.ts';

export function applyStatementRules(
  rules: readonly Rule[],
  contexts: readonly StatementContext[],
  migration: string,
): Located[] {
  const [first] = contexts;
  if (!first) return [];
  const asked = rules.filter((rule): rule is StatementRule => rule.scope === 'statement' && concerns(rule, first));
  const found: Located[] = [];
  for (const context of contexts) {
    for (const rule of asked) {
      for (const raised of rule.check(context)) found.push(located(raised, { migration, ...context, rule }));
    }
  }
  return found;
}

/** The same for every statement of a file. */
function concerns(rule: StatementRule, { direction, view }: StatementContext): boolean {
  return (rule.files === 'both' || direction === 'up') && isTrueOf(rule, view.serverVersion);
}

/** `serverVersion` as `server_version_num`. */
export function isTrueOf({ since, until }: Rule, serverVersion: number): boolean {
  const major = Math.floor(serverVersion / 10_000);
  return (since === undefined || major >= since) && (until === undefined || major < until);
}
