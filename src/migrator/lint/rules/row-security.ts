/** Row level security is switched on, or its policies change, on a table in use. */
import type { Node } from 'libpg-query';
import { nameOf, type ObjectName } from '../../statement-kinds.ts';
import { alterTableCommandsOf } from '../alter-commands.ts';
import { derivedName, quoteName, writtenName } from '../names.ts';
import type { Raised, StatementContext, StatementRule } from '../rule.ts';
import { sameName } from '../schema-objects.ts';
import { steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const rowSecurity: StatementRule = {
  name: 'row-security',
  title: 'Row level security on a table in use',
  severity: 'error',
  scope: 'statement',
  files: 'up',
  why: 'From the commit on, everybody but the owner sees only the rows that a policy gives. Without a policy that is none: queries return nothing, without an error.',
  check: (context) => [...enabled(context), ...changed(context)],
};

function enabled(context: StatementContext): Raised[] {
  const { statement, view } = context;
  return alterTableCommandsOf(context, 'AT_EnableRowSecurity', 'AT_ForceRowSecurity').flatMap(({ table, text, at }) => {
    if (!isThere(view, table) || hasPolicy(context, table)) return [];
    const policy = quoteName(derivedName(table.name, 'all'));
    const message = `${text.toUpperCase()} on ${tableWords(view, table)} hides every row from whoever does not own it: this transaction makes no policy`;
    return [
      { at, message, instead: steps(`CREATE POLICY ${policy} ON ${writtenName(table)} USING (true)`, statement.text) },
    ];
  });
}

function hasPolicy({ before }: StatementContext, table: ObjectName): boolean {
  return before.some(({ node }) => sameName(policyTable(node), table));
}

function changed({ statement, view }: StatementContext): Raised[] {
  const table = policyTable(statement.node);
  if (!table || !isThere(view, table)) return [];
  const words = 'CreatePolicyStmt' in statement.node ? 'CREATE POLICY' : 'ALTER POLICY';
  const message = `${words} takes ACCESS EXCLUSIVE on ${tableWords(view, table)} and changes which rows are seen`;
  return [{ message, instead: null, severity: 'warning' }];
}

function policyTable(node: Node): ObjectName | undefined {
  if ('CreatePolicyStmt' in node) return nameOf(node.CreatePolicyStmt.table);
  return 'AlterPolicyStmt' in node ? nameOf(node.AlterPolicyStmt.table) : undefined;
}
