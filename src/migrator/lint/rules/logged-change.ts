/** SET LOGGED and SET UNLOGGED. */
import { alterTableCommandsOf } from '../alter-commands.ts';
import type { StatementRule } from '../rule.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const loggedChange: StatementRule = {
  name: 'logged-change',
  title: 'SET LOGGED or SET UNLOGGED',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The whole table is written anew, and nobody can read or write until that is done. An unlogged table is empty after a crash, and on replicas at all times.',
  check: ({ statement, source, view }) =>
    alterTableCommandsOf({ statement, source }, 'AT_SetLogged', 'AT_SetUnLogged').flatMap(({ table, command, at }) => {
      if (!isThere(view, table)) return [];
      const words = command.subtype === 'AT_SetLogged' ? 'SET LOGGED' : 'SET UNLOGGED';
      return [{ at, message: `${words} rewrites ${tableWords(view, table)} under ACCESS EXCLUSIVE`, instead: null }];
    }),
};
