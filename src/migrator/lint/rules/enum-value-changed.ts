/** Values of an enum are renamed or taken away. */
import type { SqlStatement } from '../../sql-statement.ts';
import { nameOf } from '../../statement-kinds.ts';
import { nameFromParts, nameParts, writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';

export const enumValueChanged: StatementRule = {
  name: 'enum-value-changed',
  title: 'A value of an enum is renamed or removed',
  severity: 'error',
  scope: 'statement',
  files: 'up',
  why: 'Programs that run still write and expect the old value. Rows, defaults and indexes that hold a removed one can no longer be read.',
  check: ({ statement }) => {
    const message = messageOf(statement);
    return message === undefined ? [] : [{ message, instead: null }];
  },
};

function messageOf({ node }: SqlStatement): string | undefined {
  if ('AlterEnumStmt' in node && node.AlterEnumStmt.oldVal) {
    const { typeName, oldVal, newVal } = node.AlterEnumStmt;
    return `RENAME VALUE takes '${oldVal}' of ${writtenName(nameFromParts(nameParts(typeName)))} away at once, in favour of '${newVal}'`;
  }
  const relation =
    ('DeleteStmt' in node && node.DeleteStmt.relation) ||
    ('UpdateStmt' in node && node.UpdateStmt.relation) ||
    undefined;
  if (!relation || nameOf(relation).name !== 'pg_enum') return undefined;
  return 'pg_enum is changed by hand: rows and indexes that hold the value are not looked at';
}
