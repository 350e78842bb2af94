/** REFRESH MATERIALIZED VIEW that locks its readers out. */
import { nameOf } from '../../statement-kinds.ts';
import { writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const refreshWithoutConcurrently: StatementRule = {
  name: 'refresh-without-concurrently',
  title: 'A materialized view is refreshed without CONCURRENTLY',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Nobody can read it until its query has been run to the end. CONCURRENTLY needs a unique index on its columns, without WHERE.',
  check: ({ statement, view }) => {
    if (!('RefreshMatViewStmt' in statement.node)) return [];
    const { relation, concurrent, skipData } = statement.node.RefreshMatViewStmt;
    const name = nameOf(relation);
    if (concurrent || skipData || !isThere(view, name)) return [];
    const message = `REFRESH MATERIALIZED VIEW holds ACCESS EXCLUSIVE on ${tableWords(view, name)} while its query runs`;
    return [{ message, instead: steps(`REFRESH MATERIALIZED VIEW CONCURRENTLY ${writtenName(name)}`) }];
  },
};
