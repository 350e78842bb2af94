/** A DO block, or a procedure that is called: what it does cannot be read from the file. */
import type { StatementRule } from '../rule.ts';

export const doBlock: StatementRule = {
  name: 'do-block',
  title: 'A block whose effects cannot be seen',
  severity: 'warning',
  scope: 'statement',
  files: 'both',
  why: 'Neither lint nor a dry run can say which tables it locks or what it changes; a rehearsal can. Plain statements are understood.',
  check: ({ statement, effects }) => {
    const { node, body } = statement;
    if (!('DoStmt' in node) && !('CallStmt' in node)) return [];
    const unread = 'DoStmt' in node ? [...(body?.opaque ?? [])] : [...effects.opaque, 'what the procedure does'];
    if (unread.length === 0) return [];
    const words = 'DoStmt' in node ? 'the DO block' : 'CALL';
    return [{ message: `${words} does what cannot be read from the file: ${unread[0]}`, instead: null }];
  },
};
