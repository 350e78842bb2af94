/** CREATE INDEX on a table that is in use. */
import { nameOf } from '../../statement-kinds.ts';
import { concurrentText } from '../index-text.ts';
import { partitionedIndexSteps } from '../partitioned-index.ts';
import type { StatementRule } from '../rule.ts';
import { steps } from '../steps.ts';
import { isPartitioned, isThere, tableWords } from '../table-facts.ts';

export const indexWithoutConcurrently: StatementRule = {
  name: 'index-without-concurrently',
  title: 'An index is built without CONCURRENTLY',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Every row is read while the lock is held. Until the index is finished nobody can insert, update or delete, and on a large table that takes minutes.',
  check: ({ statement, view }) => {
    const { node } = statement;
    if (!('IndexStmt' in node) || node.IndexStmt.concurrent) return [];
    const index = node.IndexStmt;
    const table = nameOf(index.relation);
    const partitioned = isPartitioned(view, table);
    if (!isThere(view, table) || index.relation?.relpersistence === 't') return [];
    if (partitioned && !index.relation?.inh) return [];
    const message = `CREATE INDEX takes SHARE on ${tableWords(view, table)}: writers wait until the index is built`;
    const instead = partitioned
      ? partitionedIndexSteps(view, index, statement.text)
      : steps(concurrentText(index, statement.text));
    return [{ message, instead }];
  },
};
