/** A column of a table in use is dropped. */
import { alterTableCommandsOf } from '../alter-commands.ts';
import { quoteName, writtenName } from '../names.ts';
import type { StatementRule } from '../rule.ts';
import { alter, NEXT_MIGRATION, steps } from '../steps.ts';
import { columnOf, isThere, tableWords } from '../table-facts.ts';

export const columnDrop: StatementRule = {
  name: 'column-drop',
  title: 'A column is dropped',
  severity: 'error',
  scope: 'statement',
  files: 'up',
  why: 'Programs that still name it fail from the commit on, and its values are gone: a mirror brings the column back, not what was in it.',
  check: ({ statement, source, view }) =>
    alterTableCommandsOf({ statement, source }, 'AT_DropColumn').flatMap(({ table, command, at, text }) => {
      const known = view.table(table);
      const name = command.name ?? '';
      const isMissing = known !== undefined && !columnOf(known, name);
      if (!isThere(view, table) || (isMissing && command.missing_ok)) return [];
      const written = writtenName(table);
      const message = `DROP COLUMN ${name} takes ACCESS EXCLUSIVE on ${tableWords(view, table)} and removes its values`;
      const instead = steps(
        alter(written, `ALTER COLUMN ${quoteName(name)} DROP NOT NULL`),
        NEXT_MIGRATION,
        '-- drydock:allow column-drop: no release that runs reads or writes it any more',
        alter(written, text),
      );
      return [{ at, message, instead }];
    }),
};
