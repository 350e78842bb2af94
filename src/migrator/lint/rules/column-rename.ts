/** A column of a table in use is renamed. */
import type { RenameStmt } from 'libpg-query';
import { nameOf } from '../../statement-kinds.ts';
import { quoteName } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { shadowColumnSteps } from '../shadow-column.ts';
import { columnOf, isThere, tableWords } from '../table-facts.ts';

export const columnRename: StatementRule = {
  name: 'column-rename',
  title: 'A column is renamed',
  severity: 'error',
  scope: 'statement',
  files: 'up',
  why: 'Programs that run know only the old name, new ones only the new: whichever goes first, one of them fails until all are replaced.',
  check: ({ statement, view }) => {
    if (!('RenameStmt' in statement.node) || !isOfTable(statement.node.RenameStmt)) return [];
    const { relation, subname: from = '', newname: to = '' } = statement.node.RenameStmt;
    const table = nameOf(relation);
    if (!isThere(view, table)) return [];
    const type = columnOf(view.table(table), from)?.type;
    const instead =
      type === undefined
        ? null
        : shadowColumnSteps(table, { from, to, type, value: (of) => `${of}${quoteName(from)}` });
    return [
      {
        message: `RENAME COLUMN ${from} TO ${to} on ${tableWords(view, table)} takes the old name away at once`,
        instead,
      },
    ];
  },
};

function isOfTable({ renameType, relationType }: RenameStmt): boolean {
  return renameType === 'OBJECT_COLUMN' && relationType === 'OBJECT_TABLE';
}
