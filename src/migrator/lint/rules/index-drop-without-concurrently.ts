/** DROP INDEX on a table that is in use. */

import { splitName } from '../../effects/catalog-names.ts';
import { objectNames } from '../../statement-kinds.ts';
import { writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { steps } from '../steps.ts';
import { tableWords } from '../table-facts.ts';

export const indexDropWithoutConcurrently: StatementRule = {
  name: 'index-drop-without-concurrently',
  title: 'An index is dropped without CONCURRENTLY',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The drop itself is quick, but it waits for every open query on the table, and everybody who comes later waits behind it, readers too.',
  check: ({ statement, view }) => {
    const { node } = statement;
    if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_INDEX' || node.DropStmt.concurrent) return [];
    const { missing_ok: ifExists, behavior } = node.DropStmt;
    return objectNames(node.DropStmt).flatMap((index) => {
      const table = view.tableOfIndex(index);
      if (table?.origin === 'plan' || (!table && ifExists)) return [];
      const on = table ? tableWords(view, splitName(table.name)) : `the table of ${writtenName(index)}`;
      const message = `DROP INDEX takes ACCESS EXCLUSIVE on ${on}: nobody can read or write while it waits for its turn`;
      const possible = table?.kind !== 'partitioned table' && behavior !== 'DROP_CASCADE';
      const drop = `DROP INDEX CONCURRENTLY ${ifExists ? 'IF EXISTS ' : ''}${writtenName(index)}`;
      return [{ message, instead: possible ? steps(drop) : null }];
    });
  },
};
