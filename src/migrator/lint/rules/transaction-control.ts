/** BEGIN, COMMIT, ROLLBACK and SAVEPOINT inside a file. One plain BEGIN … COMMIT around all of it never gets here. */
import type { StatementRule } from '../rule.ts';

export const transactionControl: StatementRule = {
  name: 'transaction-control',
  title: 'A file begins or ends transactions by itself',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Each file is committed together with its row in the ledger. What a file commits by itself is there without that row, so a crash behind it leaves something that nobody can tell from a file that never ran.',
  check: ({ statement }) => {
    if (!('TransactionStmt' in statement.node)) return [];
    const words = statement.text.split(/\s+/).slice(0, 2).join(' ').toUpperCase();
    return [{ message: `${words} stands among other statements; migrate refuses the file`, instead: null }];
  },
};
