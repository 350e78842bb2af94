/** CREATE RULE on a table in use. */
import { nameOf } from '../../statement-kinds.ts';
import type { StatementRule } from '../rule.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const ruleCreated: StatementRule = {
  name: 'rule-created',
  title: 'A rewrite rule is put on a table in use',
  severity: 'warning',
  scope: 'statement',
  files: 'up',
  why: 'It waits for every open query, later ones wait behind it, and from the commit on statements are replaced by others, in ways that surprise: expressions are evaluated twice. A trigger says the same more plainly.',
  check: ({ statement, view }) => {
    if (!('RuleStmt' in statement.node)) return [];
    const table = nameOf(statement.node.RuleStmt.relation);
    if (!isThere(view, table)) return [];
    const message = `CREATE RULE ${statement.node.RuleStmt.rulename} takes ACCESS EXCLUSIVE on ${tableWords(view, table)}`;
    return [{ message, instead: null }];
  },
};
