/** Asks every rule about every statement of a file. */
import { type Located, located } from './located.ts';
import type { Rule, StatementContext, StatementRule } from './rule.ts';

export function applyStatementRules(
  rules: readonly Rule[],
  contexts: readonly StatementContext[],
  migration: string,
): Located[] {
  const asked = rules.filter((rule): rule is StatementRule => rule.scope === 'statement');
  return contexts.flatMap((context) =>
    asked
      .filter((rule) => concerns(rule, context))
      .flatMap((rule) => rule.check(context).map((raised) => located(raised, { migration, ...context, rule }))),
  );
}

function concerns(rule: StatementRule, { direction, view }: StatementContext): boolean {
  return (rule.files === 'both' || direction === 'up') && isTrueOf(rule, view.serverVersion);
}

/** `serverVersion` as `server_version_num`. */
export function isTrueOf({ since, until }: Rule, serverVersion: number): boolean {
  const major = Math.floor(serverVersion / 10_000);
  return (since === undefined || major >= since) && (until === undefined || major < until);
}
