/** A statement that no transaction can hold, between BEGIN and COMMIT of its own file. */
import type { StatementRule } from '../rule.ts';
import { steps } from '../steps.ts';

export const concurrentlyInTransaction: StatementRule = {
  name: 'concurrently-in-transaction',
  title: 'CONCURRENTLY between BEGIN and COMMIT',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The server refuses it there, so the migration cannot run. Without BEGIN and COMMIT it is run by itself, and its progress is kept in the ledger.',
  check: ({ statement, wrapped }) => {
    if (wrapped === 'not' || !statement.lone) return [];
    const words = statement.text.split(/\s+/).slice(0, 3).join(' ').toUpperCase();
    return [
      { message: `${words} … stands between BEGIN and COMMIT, where it cannot run`, instead: steps(statement.text) },
    ];
  },
};
