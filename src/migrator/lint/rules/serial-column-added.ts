/** A serial or identity column is added to a table in use. */
import { isSerial, typeText } from '../../effects/type-names.ts';
import { derivedName, quoteName, writtenName } from '../names.ts';
import { type AddedColumn, addedColumns, constraintOf } from '../new-columns.ts';
import type { StatementRule } from '../rule.ts';
import { alter, BY_A_JOB, batch, steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const serialColumnAdded: StatementRule = {
  name: 'serial-column-added',
  title: 'A serial or identity column is added',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Every row gets another number, so the whole table is written anew with all its indexes, and nobody can read or write until that is done.',
  check: ({ statement, source, view }) =>
    addedColumns({ statement, source }).flatMap((column) => {
      const identity = constraintOf(column, 'CONSTR_IDENTITY');
      const kind = isSerial(column.column.typeName) ? 'serial' : identity ? 'an identity' : undefined;
      if (!kind || !isThere(view, column.table)) return [];
      const message = `ADD COLUMN ${column.name}, ${kind}, rewrites ${tableWords(view, column.table)} under ACCESS EXCLUSIVE`;
      return [{ at: column.at, message, instead: inSteps(column) }];
    }),
};

function inSteps(column: AddedColumn): string {
  const table = writtenName(column.table);
  const name = quoteName(column.name);
  const sequence = writtenName({
    schema: column.table.schema,
    name: derivedName(column.table.name, column.name, 'seq'),
  });
  const next = `nextval('${sequence.replaceAll("'", "''")}')`;
  return steps(
    alter(table, `ADD COLUMN ${name} ${typeText(column.column.typeName)}`),
    `CREATE SEQUENCE ${sequence} OWNED BY ${table}.${name}`,
    alter(table, `ALTER COLUMN ${name} SET DEFAULT ${next}`),
    BY_A_JOB,
    `UPDATE ${table} SET ${name} = ${next} WHERE ${batch(table, `${name} IS NULL`)}`,
  );
}
