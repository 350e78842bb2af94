/** DISABLE TRIGGER on a table in use. */
import { alterTableCommandsOf } from '../alter-commands.ts';
import type { StatementRule } from '../rule.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const triggerDisabled: StatementRule = {
  name: 'trigger-disabled',
  title: 'Triggers of a table are switched off',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'They are off for everybody who writes, not only for this migration. With ALL, foreign keys are not checked either, and nothing looks at those rows later.',
  check: ({ statement, source, view }) =>
    alterTableCommandsOf({ statement, source }, 'AT_DisableTrig', 'AT_DisableTrigAll', 'AT_DisableTrigUser').flatMap(
      ({ table, text, at }) => {
        if (!isThere(view, table)) return [];
        const words = text.toUpperCase().startsWith('DISABLE TRIGGER ALL') ? 'DISABLE TRIGGER ALL' : 'DISABLE TRIGGER';
        const message = `${words} takes SHARE ROW EXCLUSIVE on ${tableWords(view, table)} and holds for every writer`;
        return [{ at, message, instead: null }];
      },
    ),
};
