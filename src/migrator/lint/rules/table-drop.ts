/** A table in use is dropped. */
import { objectNames } from '../../statement-kinds.ts';
import { writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const tableDrop: StatementRule = {
  name: 'table-drop',
  title: 'A table is dropped',
  severity: 'error',
  scope: 'statement',
  files: 'up',
  why: 'Programs that still name it fail from the commit on, and its rows are gone. Tables that its foreign keys name are locked with it: their readers wait too.',
  check: ({ statement, view }) => {
    const { node } = statement;
    if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_TABLE') return [];
    const { missing_ok: ifExists } = node.DropStmt;
    return objectNames(node.DropStmt).flatMap((table) => {
      const known = view.table(table);
      if (!isThere(view, table) || (!known && ifExists && view.source === 'target')) return [];
      const others = [...new Set((known?.foreignKeys ?? []).map(({ references }) => references))];
      const also = others.length === 0 ? '' : ` and, for its foreign keys, on ${others.join(', ')}`;
      const message = `DROP TABLE takes ACCESS EXCLUSIVE on ${tableWords(view, table)}${also}, and removes its rows`;
      const instead = steps(
        '-- drydock:allow table-drop: no release that runs reads or writes it any more',
        `DROP TABLE ${ifExists ? 'IF EXISTS ' : ''}${writtenName(table)}`,
      );
      return [{ message, instead }];
    });
  },
};
