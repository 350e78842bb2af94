/** A stored generated column is added to a table in use. */
import { typeText } from '../../effects/type-names.ts';
import { quoteName, writtenName } from '../names.ts';
import { type AddedColumn, addedColumns, constraintOf } from '../new-columns.ts';
import type { StatementRule } from '../rule.ts';
import { alter, steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

/** From this version on a generated column may be computed when it is read. */
const VIRTUAL = 180000;

export const storedGeneratedColumn: StatementRule = {
  name: 'stored-generated-column',
  title: 'A stored generated column is added',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'It is computed for every row at once: the whole table is written anew, and nobody can read or write until that is done.',
  check: ({ statement, source, view }) =>
    addedColumns({ statement, source }).flatMap((column) => {
      const generated = constraintOf(column, 'CONSTR_GENERATED');
      if (!generated || generated.generated_kind === 'v' || !isThere(view, column.table)) return [];
      const message = `ADD COLUMN ${column.name}, generated and stored, rewrites ${tableWords(view, column.table)} under ACCESS EXCLUSIVE`;
      return [{ at: generated.location, message, instead: insteadOf(column, view.serverVersion) }];
    }),
};

/** Before virtual columns, a view is what computes when it is read. */
function insteadOf(column: AddedColumn, serverVersion: number): string {
  const table = writtenName(column.table);
  const generated = column.textOf(constraintOf(column, 'CONSTR_GENERATED')!).replace(/\s*stored\s*$/i, '');
  if (serverVersion >= VIRTUAL)
    return steps(alter(table, `ADD COLUMN ${column.textWith(() => false)} ${generated} VIRTUAL`));
  const value = generated.replace(/^(constraint\s+\S+\s+)?generated\s+always\s+as\s*/i, '');
  const view = writtenName({ ...column.table, name: `${column.table.name}_with_${column.name}` });
  return steps(
    `CREATE VIEW ${view} AS SELECT *, ${value}::${typeText(column.column.typeName)} AS ${quoteName(column.name)} FROM ${table}`,
  );
}
