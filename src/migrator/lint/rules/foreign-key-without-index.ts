/** A foreign key whose columns no index begins with, when the last migration is done. */
import type { Constraint } from 'libpg-query';
import type { CatalogTable, CatalogView } from '../../effects/catalog-view.ts';
import type { SqlStatement } from '../../sql-statement.ts';
import { nameOf, type ObjectName } from '../../statement-kinds.ts';
import { addedConstraints } from '../alter-commands.ts';
import { derivedName, nameList, nameParts, quoteName, writtenName } from '../names.ts';
import { newColumns } from '../new-columns.ts';
import type { FileContent, MigrationRule } from '../rule.ts';
import { steps } from '../steps.ts';

export const foreignKeyWithoutIndex: MigrationRule = {
  name: 'foreign-key-without-index',
  title: 'A foreign key without an index',
  severity: 'warning',
  scope: 'migration',
  why: 'Every DELETE in the other table, and every UPDATE of its key, reads this whole table to look for rows that refer to it, and holds its locks meanwhile.',
  check: ({ up, viewAtEnd }) =>
    up.statements.flatMap((statement) =>
      keysOf({ statement, source: up.source }).flatMap(({ table, columns, references, at }) => {
        const known = viewAtEnd.table(table);
        if (!known || known.kind === 'foreign table' || isServed(known, columns)) return [];
        const message = `${known.name} (${nameList(columns)}) refers to ${writtenName(references)}, and no index begins with ${columns.length === 1 ? 'this column' : 'these columns'}`;
        return [{ direction: 'up' as const, statement, at, message, instead: indexText(viewAtEnd, table, columns) }];
      }),
    ),
};

interface Key {
  readonly table: ObjectName;
  readonly columns: readonly string[];
  readonly references: ObjectName;
  readonly at: number | undefined;
}

function keysOf(where: { readonly statement: SqlStatement; readonly source: FileContent['source'] }): Key[] {
  const ofColumns = newColumns(where).flatMap(({ table, name, constraints }) =>
    constraints.filter(isKey).map((one) => keyOf(table, one, [name])),
  );
  const added = addedConstraints(where).filter(({ constraint }) => isKey(constraint));
  const { node } = where.statement;
  const elements = 'CreateStmt' in node ? (node.CreateStmt.tableElts ?? []) : [];
  const ofTable = elements.flatMap((one) =>
    'Constraint' in one && isKey(one.Constraint) && 'CreateStmt' in node
      ? [keyOf(nameOf(node.CreateStmt.relation), one.Constraint, nameParts(one.Constraint.fk_attrs))]
      : [],
  );
  return [
    ...ofColumns,
    ...ofTable,
    ...added.map(({ table, constraint }) => keyOf(table, constraint, nameParts(constraint.fk_attrs))),
  ];
}

function isKey({ contype }: Constraint): boolean {
  return contype === 'CONSTR_FOREIGN';
}

function keyOf(table: ObjectName, { pktable, location }: Constraint, columns: readonly string[]): Key {
  return { table, columns, references: nameOf(pktable), at: location };
}

/**
 * The first columns of an index are those of the key, in any order; or it begins with a column that no other key of the table
 * has. One that several keys share, as a tenant is, says too little.
 */
function isServed({ indexes, foreignKeys }: CatalogTable, columns: readonly string[]): boolean {
  const telling = columns.filter((column) => foreignKeys.filter((key) => key.columns.includes(column)).length <= 1);
  return indexes.some(({ columns: keys }) => {
    const first = keys.slice(0, columns.length);
    return telling.includes(keys[0] ?? '') || columns.every((column) => first.includes(column));
  });
}

function indexText(view: CatalogView, table: ObjectName, columns: readonly string[]): string {
  const isNew = view.table(table)?.origin === 'plan' || view.table(table)?.kind === 'partitioned table';
  const name = quoteName(derivedName(table.name, ...columns, 'idx'));
  return steps(`CREATE INDEX ${isNew ? '' : 'CONCURRENTLY '}${name} ON ${writtenName(table)} (${nameList(columns)})`);
}
