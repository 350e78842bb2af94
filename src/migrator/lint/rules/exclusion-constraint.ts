/** An exclusion constraint is added to a table in use. */
import { addedConstraints } from '../alter-commands.ts';
import type { StatementRule } from '../rule.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const exclusionConstraint: StatementRule = {
  name: 'exclusion-constraint',
  title: 'An exclusion constraint is added',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Its index is built while nobody can read or write. PostgreSQL has neither NOT VALID nor USING INDEX for it: do it while the table is small, or in a window without traffic.',
  check: ({ statement, source, view }) =>
    addedConstraints({ statement, source }).flatMap(({ table, constraint, at }) => {
      if (constraint.contype !== 'CONSTR_EXCLUSION' || !isThere(view, table)) return [];
      const message = `ADD EXCLUDE holds ACCESS EXCLUSIVE on ${tableWords(view, table)} while its index is built`;
      return [{ at, message, instead: null }];
    }),
};
