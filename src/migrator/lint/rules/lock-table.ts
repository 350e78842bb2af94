/** LOCK TABLE on a table in use. */
import { blockedBy, compareLockModes, LOCK_MODES } from '../../../model/statement-effects.ts';
import { nameOf } from '../../statement-kinds.ts';
import { rangeVars } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const lockTable: StatementRule = {
  name: 'lock-table',
  title: 'LOCK TABLE',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The lock is held to the end of the transaction, whatever is done under it. Each statement takes the lock it needs; migrate waits briefly for it, lets others pass and tries again.',
  check: ({ statement, view }) => {
    if (!('LockStmt' in statement.node)) return [];
    const { relations, mode = 0 } = statement.node.LockStmt;
    // The parser counts from ACCESS SHARE as 1.
    const lock = LOCK_MODES[mode - 1] ?? 'ACCESS EXCLUSIVE';
    if (compareLockModes(lock, 'SHARE') < 0) return [];
    return rangeVars(relations).flatMap((relation) => {
      if (!isThere(view, nameOf(relation))) return [];
      const message = `LOCK TABLE holds ${lock} on ${tableWords(view, nameOf(relation))} and stops ${blockedBy(lock)} to the end of the transaction`;
      return [{ at: relation.location, message, instead: null }];
    });
  },
};
