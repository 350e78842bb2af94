/** A schema is renamed. */
import type { StatementRule } from '../rule.ts';

export const schemaRename: StatementRule = {
  name: 'schema-rename',
  title: 'A schema is renamed',
  severity: 'error',
  scope: 'statement',
  files: 'up',
  why: 'Every name in it changes at once: programs that run, functions that write the name out, search paths and grants by name. Move its tables one by one, each with a view under its old name.',
  check: ({ statement }) => {
    const { node } = statement;
    if (!('RenameStmt' in node) || node.RenameStmt.renameType !== 'OBJECT_SCHEMA') return [];
    const { subname: from, newname: to } = node.RenameStmt;
    return [
      { message: `ALTER SCHEMA ${from} RENAME TO ${to} takes every name in ${from} away at once`, instead: null },
    ];
  },
};
