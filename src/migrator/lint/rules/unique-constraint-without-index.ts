/** A UNIQUE constraint that builds its index under the lock. */
import type { Constraint } from 'libpg-query';
import type { ObjectName } from '../../statement-kinds.ts';
import { addedConstraints } from '../alter-commands.ts';
import { derivedName, nameParts, writtenName } from '../names.ts';
import { addedColumns, constraintOf } from '../new-columns.ts';
import type { StatementContext, StatementRule } from '../rule.ts';
import { alter, steps } from '../steps.ts';
import { isPartitioned, isThere, tableWords } from '../table-facts.ts';
import { usingIndexSteps } from '../using-index.ts';

export const uniqueConstraintWithoutIndex: StatementRule = {
  name: 'unique-constraint-without-index',
  title: 'A unique constraint builds its index',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The index is built while nobody can read or write. Built CONCURRENTLY before, it is taken over in an instant.',
  check: (context) => {
    const added = addedConstraints(context).filter(({ constraint }) => builds(constraint));
    const ofTable = added
      .filter(({ table }) => isThere(context.view, table))
      .map(({ table, constraint, at }) => {
        const name = constraint.conname ?? derivedName(table.name, ...nameParts(constraint.keys), 'key');
        const possible = !isPartitioned(context.view, table) && !constraint.without_overlaps;
        const instead = possible ? usingIndexSteps(table, { kind: 'UNIQUE', name, constraint }) : null;
        return { at, message: messageFor(context, table), instead };
      });
    return [...ofTable, ...ofColumns(context)];
  },
};

function ofColumns(context: StatementContext) {
  return addedColumns(context).flatMap((column) => {
    const constraint = constraintOf(column, 'CONSTR_UNIQUE');
    if (!constraint || !isThere(context.view, column.table)) return [];
    const name = constraint.conname ?? derivedName(column.table.name, column.name, 'key');
    const add = alter(writtenName(column.table), `ADD COLUMN ${column.textWith((one) => one !== constraint)}`);
    const keys = [{ String: { sval: column.name } }];
    const instead = steps(
      add,
      usingIndexSteps(column.table, { kind: 'UNIQUE', name, constraint: { ...constraint, keys } }),
    );
    return [{ at: constraint.location, message: messageFor(context, column.table), instead }];
  });
}

function builds({ contype, indexname }: Constraint): boolean {
  return contype === 'CONSTR_UNIQUE' && !indexname;
}

function messageFor({ view }: StatementContext, table: ObjectName): string {
  return `ADD UNIQUE holds ACCESS EXCLUSIVE on ${tableWords(view, table)} while its index is built`;
}
