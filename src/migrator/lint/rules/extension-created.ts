/** CREATE EXTENSION in a migration. */
import type { StatementRule } from '../rule.ts';

export const extensionCreated: StatementRule = {
  name: 'extension-created',
  title: 'An extension is created',
  severity: 'warning',
  scope: 'statement',
  files: 'up',
  why: 'Its files have to be on the server, and most need rights that an application has not. It belongs to the database, not to these migrations: whoever rolls back must not drop it.',
  check: ({ statement }) => {
    if (!('CreateExtensionStmt' in statement.node)) return [];
    const { extname } = statement.node.CreateExtensionStmt;
    return [
      {
        message: `CREATE EXTENSION ${extname} needs its files on the server, and rights on the database`,
        instead: null,
      },
    ];
  },
};
