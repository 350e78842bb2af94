/** A column of a table in use may be null from now on. */
import { alterTableCommandsOf } from '../alter-commands.ts';
import type { StatementRule } from '../rule.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const notNullDrop: StatementRule = {
  name: 'not-null-drop',
  title: 'A column may be null from now on',
  severity: 'warning',
  scope: 'statement',
  files: 'up',
  why: 'Programs that run do not expect a null there. Replace them first; a way back needs every null to be filled.',
  check: ({ statement, source, view }) =>
    alterTableCommandsOf({ statement, source }, 'AT_DropNotNull').flatMap(({ table, command, at }) => {
      if (!isThere(view, table)) return [];
      return [
        {
          at,
          message: `DROP NOT NULL lets ${command.name} of ${tableWords(view, table)} be null for programs that run`,
          instead: null,
        },
      ];
    }),
};
