/** A CHECK that the rows of a table in use have to pass at once. */
import type { Constraint } from 'libpg-query';
import { addedConstraints } from '../alter-commands.ts';
import { constraintSteps, namedConstraintText } from '../constraint-text.ts';
import { derivedName, quoteName, writtenName } from '../names.ts';
import { type AddedColumn, addedColumns } from '../new-columns.ts';
import type { Raised, StatementContext, StatementRule } from '../rule.ts';
import { alter, NEXT_MIGRATION, steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const checkWithoutNotValid: StatementRule = {
  name: 'check-without-not-valid',
  title: 'A CHECK is added without NOT VALID',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Every row is checked while the lock is held, and nobody can read or write meanwhile. With NOT VALID new rows are checked at once, and VALIDATE checks the old ones without stopping anybody.',
  check: (context) => [...tableChecks(context), ...columnChecks(context)],
};

function tableChecks(context: StatementContext): Raised[] {
  return addedConstraints(context).flatMap(({ table, constraint, text, at }) => {
    if (!scans(constraint) || !isThere(context.view, table)) return [];
    const name = constraint.conname ?? derivedName(table.name, 'check');
    const added = namedConstraintText(text, name, constraint.conname);
    return [{ at, message: messageFor(context, table), instead: constraintSteps(writtenName(table), added, name) }];
  });
}

function columnChecks(context: StatementContext): Raised[] {
  return addedColumns(context).flatMap((column) => {
    if (!isThere(context.view, column.table)) return [];
    return column.constraints.filter(scans).map((constraint) => ({
      at: constraint.location,
      message: messageFor(context, column.table),
      instead: columnSteps(column, constraint),
    }));
  });
}

function columnSteps(column: AddedColumn, constraint: Constraint): string {
  const table = writtenName(column.table);
  const name = constraint.conname ?? derivedName(column.table.name, column.name, 'check');
  const added = namedConstraintText(`ADD ${column.textOf(constraint)}`, name, constraint.conname);
  return steps(
    alter(table, `ADD COLUMN ${column.textWith((one) => one !== constraint)}`),
    alter(table, `${added} NOT VALID`),
    NEXT_MIGRATION,
    alter(table, `VALIDATE CONSTRAINT ${quoteName(name)}`),
  );
}

function scans({ contype, skip_validation, is_enforced }: Constraint): boolean {
  return contype === 'CONSTR_CHECK' && !skip_validation && is_enforced !== false;
}

function messageFor({ view }: StatementContext, table: Parameters<typeof tableWords>[1]): string {
  return `ADD CHECK holds ACCESS EXCLUSIVE on ${tableWords(view, table)} while every row is checked`;
}
