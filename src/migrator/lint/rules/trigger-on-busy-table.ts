/** CREATE TRIGGER on a table in use. */
import { nameOf } from '../../statement-kinds.ts';
import type { StatementRule } from '../rule.ts';
import { NEXT_MIGRATION, steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const triggerOnBusyTable: StatementRule = {
  name: 'trigger-on-busy-table',
  title: 'A trigger is put on a table in use',
  severity: 'warning',
  scope: 'statement',
  files: 'up',
  why: 'It waits for every open write, later writers wait behind it, and from the commit on every write of every program pays for it and can fail in it. Alone in its migration it holds the lock for an instant.',
  check: ({ statement, view, transaction }) => {
    if (!('CreateTrigStmt' in statement.node)) return [];
    const { relation, trigname } = statement.node.CreateTrigStmt;
    const table = nameOf(relation);
    if (!isThere(view, table)) return [];
    const message = `CREATE TRIGGER ${trigname} takes SHARE ROW EXCLUSIVE on ${tableWords(view, table)} and changes what every write does`;
    return [{ message, instead: transaction.length > 1 ? steps(NEXT_MIGRATION, statement.text) : null }];
  },
};
