/** A foreign key that the rows of a table in use have to pass at once. */
import type { Constraint } from 'libpg-query';
import { nameOf, type ObjectName } from '../../statement-kinds.ts';
import { addedConstraints } from '../alter-commands.ts';
import { constraintSteps, namedConstraintText } from '../constraint-text.ts';
import { derivedName, nameParts, quoteName, writtenName } from '../names.ts';
import { addedColumns, constraintOf } from '../new-columns.ts';
import type { Raised, StatementContext, StatementRule } from '../rule.ts';
import { alter, NEXT_MIGRATION, steps } from '../steps.ts';
import { isPartitioned, isThere, tableWords } from '../table-facts.ts';

/** From this version on a foreign key of a partitioned table may be NOT VALID. */
const NOT_VALID_ON_PARTITIONED = 180000;

export const foreignKeyWithoutNotValid: StatementRule = {
  name: 'foreign-key-without-not-valid',
  title: 'A foreign key is added without NOT VALID',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Every row is looked up in the other table while writers of both wait. With NOT VALID new rows are checked at once, and VALIDATE checks the old ones while writers go on.',
  check: (context) => [...tableKeys(context), ...columnKeys(context)],
};

function tableKeys(context: StatementContext): Raised[] {
  return addedConstraints(context).flatMap(({ table, constraint, text, at }) => {
    if (!isForeignKey(constraint) || constraint.skip_validation || !isThere(context.view, table)) return [];
    const columns = nameParts(constraint.fk_attrs);
    const name = constraint.conname ?? derivedName(table.name, ...columns, 'fkey');
    const added = namedConstraintText(text, name, constraint.conname);
    const possible = !isPartitioned(context.view, table) || context.view.serverVersion >= NOT_VALID_ON_PARTITIONED;
    const instead = possible ? constraintSteps(writtenName(table), added, name) : null;
    return [{ at, message: messageFor(context, table, constraint), instead }];
  });
}

/** A column that is null in every old row has nothing to be looked up. */
function columnKeys(context: StatementContext): Raised[] {
  return addedColumns(context).flatMap((column) => {
    const constraint = column.constraints.find(isForeignKey);
    const hasValue = constraintOf(column, 'CONSTR_DEFAULT', 'CONSTR_GENERATED', 'CONSTR_IDENTITY') !== undefined;
    if (!constraint || !hasValue || !isThere(context.view, column.table)) return [];
    const table = writtenName(column.table);
    const name = constraint.conname ?? derivedName(column.table.name, column.name, 'fkey');
    const references = column.textOf(constraint).replace(/^constraint\s+\S+\s+/i, '');
    const key = `ADD CONSTRAINT ${quoteName(name)} FOREIGN KEY (${quoteName(column.name)}) ${references} NOT VALID`;
    const instead = steps(
      alter(table, `ADD COLUMN ${column.textWith((one) => one !== constraint)}`),
      alter(table, key),
      NEXT_MIGRATION,
      alter(table, `VALIDATE CONSTRAINT ${quoteName(name)}`),
    );
    return [{ at: constraint.location, message: messageFor(context, column.table, constraint), instead }];
  });
}

function isForeignKey({ contype, is_enforced }: Constraint): boolean {
  return contype === 'CONSTR_FOREIGN' && is_enforced !== false;
}

function messageFor({ view }: StatementContext, table: ObjectName, { pktable }: Constraint): string {
  const other = tableWords(view, nameOf(pktable));
  return `ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on ${tableWords(view, table)} and ${other} while every row is looked up`;
}
