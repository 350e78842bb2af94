/** CREATE INDEX CONCURRENTLY on a partitioned table, which the server refuses. */
import { nameOf } from '../../statement-kinds.ts';
import { partitionedIndexSteps } from '../partitioned-index.ts';
import type { StatementRule } from '../rule.ts';
import { isPartitioned } from '../table-facts.ts';

export const concurrentlyOnPartitionedTable: StatementRule = {
  name: 'concurrently-on-partitioned-table',
  title: 'CONCURRENTLY on a partitioned table',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The server refuses it, so the migration fails at this statement. Each partition can have its index built concurrently, and the parent takes them over without reading a row.',
  check: ({ statement, view }) => {
    const { node } = statement;
    if (!('IndexStmt' in node) || !node.IndexStmt.concurrent) return [];
    const table = nameOf(node.IndexStmt.relation);
    if (!isPartitioned(view, table)) return [];
    const message = `CREATE INDEX CONCURRENTLY fails on ${view.table(table)!.name}, because it is partitioned`;
    return [{ message, instead: partitionedIndexSteps(view, node.IndexStmt, statement.text) }];
  },
};
