/** ADD COLUMN with a default that is another value for every row. */
import type { Node } from 'libpg-query';
import type { CatalogView } from '../../effects/catalog-view.ts';
import { functionsIn } from '../../effects/default-volatility.ts';
import { quoteName, writtenName } from '../names.ts';
import { type AddedColumn, addedColumns, constraintOf } from '../new-columns.ts';
import type { StatementRule } from '../rule.ts';
import { alter, BY_A_JOB, batch, steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const volatileDefault: StatementRule = {
  name: 'volatile-default',
  title: 'A column is added with a volatile default',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The whole table is written anew, with all its indexes, and nobody can read or write until that is done. A constant, now() included, is kept in the catalog and costs nothing.',
  check: ({ statement, source, view }) =>
    addedColumns({ statement, source }).flatMap((column) => {
      const given = constraintOf(column, 'CONSTR_DEFAULT');
      if (!given || !isThere(view, column.table)) return [];
      const call = volatileCall(given.raw_expr, view);
      if (!call) return [];
      const { name, known } = call;
      const table = tableWords(view, column.table);
      const message = `ADD COLUMN ${column.name} DEFAULT ${name}() ${known ? 'rewrites' : 'may rewrite'} ${table} under ACCESS EXCLUSIVE`;
      return [
        { at: given.location, message, instead: inSteps(column), ...(known ? {} : { severity: 'warning' as const }) },
      ];
    }),
};

/** The function in it that is volatile, or of which nothing is known. */
function volatileCall(expression: Node | undefined, view: CatalogView): { name: string; known: boolean } | undefined {
  const asked = functionsIn(expression).map((name) => ({ name, volatility: view.volatilityOf(name) }));
  const worst =
    asked.find(({ volatility }) => volatility === 'volatile') ?? asked.find(({ volatility }) => !volatility);
  return worst && { name: worst.name, known: worst.volatility === 'volatile' };
}

function inSteps(column: AddedColumn): string {
  const table = writtenName(column.table);
  const given = constraintOf(column, 'CONSTR_DEFAULT')!;
  const value = column.textOf(given).replace(/^(constraint\s+\S+\s+)?default\s+/i, '');
  const name = quoteName(column.name);
  return steps(
    alter(
      table,
      `ADD COLUMN ${column.textWith(({ contype }) => contype !== 'CONSTR_DEFAULT' && contype !== 'CONSTR_NOTNULL')}`,
    ),
    alter(table, `ALTER COLUMN ${name} SET DEFAULT ${value}`),
    BY_A_JOB,
    `UPDATE ${table} SET ${name} = ${value} WHERE ${batch(table, `${name} IS NULL`)}`,
  );
}
