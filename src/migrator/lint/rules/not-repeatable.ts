/** A block that runs outside of a transaction: whether it was done cannot be found out. Indexes, partitions, databases and subscriptions can be looked up, and migrate does. */
import type { StatementRule } from '../rule.ts';

export const notRepeatable: StatementRule = {
  name: 'not-repeatable',
  title: 'A statement outside of a transaction may run twice',
  severity: 'warning',
  scope: 'statement',
  files: 'both',
  why: 'It is not committed together with the ledger, so a crash between the two runs it again. Write it so that a second time does no harm: IF EXISTS, IF NOT EXISTS, ON CONFLICT DO NOTHING.',
  check: ({ statement, runs }) => {
    const { node } = statement;
    if (runs !== 'alone' || !('DoStmt' in node || 'CallStmt' in node)) return [];
    const words = 'DoStmt' in node ? 'the DO block' : 'CALL';
    return [
      {
        message: `${words} runs outside of a transaction, and nothing shows afterwards whether it was done`,
        instead: null,
      },
    ];
  },
};
