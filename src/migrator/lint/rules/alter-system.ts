/** ALTER SYSTEM in a migration. */
import type { StatementRule } from '../rule.ts';

export const alterSystem: StatementRule = {
  name: 'alter-system',
  title: 'ALTER SYSTEM',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'It changes the whole server, for every database on it, in a file that replicas and restored servers do not get. Settings of a server belong to whoever runs it.',
  check: ({ statement }) => {
    if (!('AlterSystemStmt' in statement.node)) return [];
    const name = statement.node.AlterSystemStmt.setstmt?.name ?? 'all settings';
    return [{ message: `ALTER SYSTEM changes ${name} for every database of the server`, instead: null }];
  },
};
