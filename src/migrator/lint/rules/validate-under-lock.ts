/** VALIDATE CONSTRAINT in a transaction that holds a stronger lock on the table already. */
import { compareLockModes } from '../../../model/statement-effects.ts';
import { alterTableCommands, alterTableCommandsOf } from '../alter-commands.ts';
import { writtenName } from '../names.ts';
import type { StatementContext, StatementRule } from '../rule.ts';
import { alter, NEXT_MIGRATION, steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const validateUnderLock: StatementRule = {
  name: 'validate-under-lock',
  title: 'VALIDATE in the transaction that added the constraint',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Locks are held until the transaction ends. The scan that was to stop nobody then runs under the lock of the statement before it, as if NOT VALID had never been written.',
  check: (context) =>
    alterTableCommandsOf(context, 'AT_ValidateConstraint').flatMap(({ table, text, at }) => {
      if (!isThere(context.view, table)) return [];
      const held = heldLock(context, context.view.table(table)?.name ?? writtenName(table));
      if (!held) return [];
      const message = `VALIDATE CONSTRAINT reads every row of ${tableWords(context.view, table)} while this transaction holds ${held.mode} on it since line ${held.line}`;
      return [{ at, message, instead: steps(NEXT_MIGRATION, alter(writtenName(table), text)) }];
    }),
};

/** The strongest lock that stops writers, taken by an earlier statement or by this one's other commands. */
function heldLock(context: StatementContext, table: string): { mode: string; line: number } | undefined {
  const earlier = context.effectsBefore.flatMap(({ line, locks }) =>
    locks.filter((lock) => lock.table === table).map(({ mode }) => ({ mode, line })),
  );
  const others = alterTableCommands(context).some(({ command }) => command.subtype !== 'AT_ValidateConstraint');
  const own = context.effects.locks.filter((lock) => others && lock.table === table);
  return [...earlier, ...own.map(({ mode }) => ({ mode, line: context.statement.line }))]
    .filter(({ mode }) => compareLockModes(mode, 'SHARE') >= 0)
    .sort((a, b) => compareLockModes(b.mode, a.mode))[0];
}
