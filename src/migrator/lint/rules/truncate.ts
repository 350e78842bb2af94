/** TRUNCATE of a table in use. */
import { nameOf } from '../../statement-kinds.ts';
import { rangeVars, writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { BY_A_JOB, batch, steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const truncate: StatementRule = {
  name: 'truncate',
  title: 'A table is truncated',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Its rows are gone, nobody can read or write while it waits for its turn, and with CASCADE every table that refers to it is emptied too, those of other teams included.',
  check: ({ statement, view }) => {
    if (!('TruncateStmt' in statement.node)) return [];
    const { relations, behavior } = statement.node.TruncateStmt;
    const isCascade = behavior === 'DROP_CASCADE';
    return rangeVars(relations).flatMap((relation) => {
      const table = nameOf(relation);
      if (!isThere(view, table)) return [];
      const referring = view.table(table)?.referencedBy ?? [];
      const others = referring.length > 0 ? referring.join(', ') : 'every table that refers to it';
      const also = isCascade ? `, and ${others} with it` : '';
      const message = `TRUNCATE${isCascade ? ' CASCADE' : ''} takes ACCESS EXCLUSIVE on ${tableWords(view, table)} and empties it${also}`;
      const written = writtenName(table);
      const instead = steps(BY_A_JOB, `DELETE FROM ${written} WHERE ${batch(written)}`);
      return [
        { at: relation.location, message, instead, severity: isCascade ? ('error' as const) : ('warning' as const) },
      ];
    });
  },
};
