/** The expression of a generated column is changed. */
import { alterTableCommandsOf } from '../alter-commands.ts';
import type { StatementRule } from '../rule.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const generatedExpressionChange: StatementRule = {
  name: 'generated-expression-change',
  title: 'A generated column is computed differently',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  since: 17,
  why: 'A stored column is computed anew for every row: the whole table is written anew, and nobody can read or write until that is done. Add a new column beside it and move readers over.',
  check: ({ statement, source, view }) =>
    alterTableCommandsOf({ statement, source }, 'AT_SetExpression').flatMap(({ table, command, at }) => {
      if (!isThere(view, table)) return [];
      const message = `SET EXPRESSION on ${command.name} rewrites ${tableWords(view, table)} under ACCESS EXCLUSIVE`;
      return [{ at, message, instead: null }];
    }),
};
