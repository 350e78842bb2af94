/** SET NOT NULL on a table in use, without a validated check that makes the scan needless. */
import { impliesNotNull } from '../../effects/not-null-proof.ts';
import { alterTableCommandsOf } from '../alter-commands.ts';
import { notNullSteps } from '../not-null-steps.ts';
import type { StatementRule } from '../rule.ts';
import { columnOf, isThere, tableWords } from '../table-facts.ts';

export const notNullWithoutCheck: StatementRule = {
  name: 'not-null-without-check',
  title: 'NOT NULL on a column of a filled table',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Every row is read while nobody else can read or write. Where a validated constraint already says that the column has no nulls, the server believes it and reads nothing.',
  check: ({ statement, source, view }) =>
    alterTableCommandsOf({ statement, source }, 'AT_SetNotNull').flatMap(({ table, command, at }) => {
      const known = view.table(table);
      const column = command.name ?? '';
      if (!isThere(view, table) || columnOf(known, column)?.notNull || impliesNotNull(known, column)) return [];
      const message = `SET NOT NULL holds ACCESS EXCLUSIVE on ${tableWords(view, table)} while every row is read for nulls in ${column}`;
      return [{ at, message, instead: notNullSteps(table, column, view.serverVersion) }];
    }),
};
