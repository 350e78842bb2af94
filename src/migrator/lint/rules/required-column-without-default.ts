/** ADD COLUMN … NOT NULL without anything that old rows could get. */

import { isSerial } from '../../effects/type-names.ts';
import { quoteName, writtenName } from '../names.ts';
import { type AddedColumn, addedColumns, constraintOf } from '../new-columns.ts';
import type { StatementRule } from '../rule.ts';
import { alter, steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';
import { writtenType } from '../written-type.ts';

export const requiredColumnWithoutDefault: StatementRule = {
  name: 'required-column-without-default',
  title: 'A required column is added without a default',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'It fails as soon as the table has one row. A constant default costs nothing: it is kept in the catalog, and no row is written.',
  check: ({ statement, source, view }) =>
    addedColumns({ statement, source }).flatMap((column) => {
      if (!isRequired(column) || !isThere(view, column.table)) return [];
      const message = `ADD COLUMN ${column.name} NOT NULL has no default for the rows that ${tableWords(view, column.table)} has`;
      return [{ at: column.at, message, instead: withDefault(column) }];
    }),
};

function isRequired(column: AddedColumn): boolean {
  const isFilled = constraintOf(column, 'CONSTR_DEFAULT', 'CONSTR_GENERATED', 'CONSTR_IDENTITY') !== undefined;
  const wanted = constraintOf(column, 'CONSTR_NOTNULL', 'CONSTR_PRIMARY') !== undefined;
  return wanted && !isFilled && !isSerial(column.column.typeName);
}

/** Something of the type that says little: to be replaced by what old rows mean. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/^(smallint|integer|bigint|numeric|real|double precision|money)$/, '0'],
  [/^(text|character varying|character|citext|name)$/, "''"],
  [/^boolean$/, 'false'],
  [/^jsonb?$/, "'{}'"],
  [/^(timestamp|time) with(out)? time zone$|^date$/, 'now()'],
  [/^interval$/, "'0'"],
  [/^uuid$/, "'00000000-0000-0000-0000-000000000000'"],
];

function withDefault(column: AddedColumn): string | null {
  const { name, isArray } = writtenType(column.column.typeName);
  const value = isArray ? "'{}'" : PLAIN.find(([pattern]) => pattern.test(name))?.[1];
  if (value === undefined || constraintOf(column, 'CONSTR_PRIMARY', 'CONSTR_UNIQUE')) return null;
  const table = writtenName(column.table);
  return steps(
    '-- the default is what old rows get:',
    alter(table, `ADD COLUMN ${column.textWith(() => true)} DEFAULT ${value}`),
    alter(table, `ALTER COLUMN ${quoteName(column.name)} DROP DEFAULT`),
  );
}
