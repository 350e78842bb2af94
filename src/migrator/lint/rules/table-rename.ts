/** A table in use is renamed or moved to another schema, and nothing keeps its old name. */

import type { SqlStatement } from '../../sql-statement.ts';
import { nameOf, type ObjectName } from '../../statement-kinds.ts';
import { writtenName } from '../names.ts';
import type { StatementContext, StatementRule } from '../rule.ts';
import { steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const tableRename: StatementRule = {
  name: 'table-rename',
  title: 'A table is renamed',
  severity: 'error',
  scope: 'statement',
  files: 'up',
  why: 'Programs that run know only the old name and fail from the commit on. A view under the old name, made in the same transaction, serves them until they are replaced.',
  check: (context) => {
    const renamed = renameOf(context.statement);
    if (!renamed || !isThere(context.view, renamed.from) || isKept(context, renamed.from)) return [];
    const { from, to, words } = renamed;
    const view = `CREATE VIEW ${writtenName(from)} AS SELECT * FROM ${writtenName(to)}`;
    const message = `${words} takes the name ${tableWords(context.view, from)} away at once`;
    return [{ message, instead: steps(context.statement.text, view) }];
  },
};

function renameOf({ node }: SqlStatement): { from: ObjectName; to: ObjectName; words: string } | undefined {
  if ('RenameStmt' in node && node.RenameStmt.renameType === 'OBJECT_TABLE') {
    const from = nameOf(node.RenameStmt.relation);
    const name = node.RenameStmt.newname ?? '';
    return { from, to: { ...from, name }, words: `RENAME TO ${name}` };
  }
  if ('AlterObjectSchemaStmt' in node && node.AlterObjectSchemaStmt.objectType === 'OBJECT_TABLE') {
    const from = nameOf(node.AlterObjectSchemaStmt.relation);
    const schema = node.AlterObjectSchemaStmt.newschema ?? '';
    return { from, to: { ...from, schema }, words: `SET SCHEMA ${schema}` };
  }
  return undefined;
}

/** A later statement of the same transaction makes a view, or a table, of the old name. */
function isKept({ transaction, statement }: StatementContext, { schema, name }: ObjectName): boolean {
  const made = transaction
    .filter((one) => one.start > statement.start)
    .map(({ node }) => {
      if ('ViewStmt' in node) return nameOf(node.ViewStmt.view);
      if ('CreateStmt' in node) return nameOf(node.CreateStmt.relation);
      return undefined;
    });
  return made.some((one) => one?.name === name && one.schema === schema);
}
