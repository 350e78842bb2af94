/** DROP DATABASE in a migration. */
import type { StatementRule } from '../rule.ts';

export const databaseDrop: StatementRule = {
  name: 'database-drop',
  title: 'A database is dropped',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Everything in it is gone, and nothing can take that back. A migration that runs on another server than its author thought of drops another database.',
  check: ({ statement }) => {
    if (!('DropdbStmt' in statement.node)) return [];
    return [
      { message: `DROP DATABASE removes ${statement.node.DropdbStmt.dbname} and everything in it`, instead: null },
    ];
  },
};
