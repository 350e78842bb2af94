/** What tools that show findings are told of every rule. */
import type { RuleAbout } from '../../model/lint.ts';
import { ALL_RULES } from './all-rules.ts';
import { docsPathOf } from './rule-docs.ts';

export function rulesAbout(): readonly RuleAbout[] {
  return ALL_RULES.map(({ name, title, severity, why }) => ({ name, title, severity, why, docs: docsPathOf(name) }));
}
