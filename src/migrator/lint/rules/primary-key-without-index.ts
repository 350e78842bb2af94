/** ADD PRIMARY KEY that builds its index, or reads all rows for nulls, under the lock. */
import { impliesNotNull } from '../../effects/not-null-proof.ts';
import type { ObjectName } from '../../statement-kinds.ts';
import { addedConstraints } from '../alter-commands.ts';
import { derivedName, nameParts } from '../names.ts';
import { addedColumns, constraintOf } from '../new-columns.ts';
import { notNullSteps } from '../not-null-steps.ts';
import type { Raised, StatementContext, StatementRule } from '../rule.ts';
import { NEXT_MIGRATION, steps } from '../steps.ts';
import { columnOf, isPartitioned, isThere, tableWords } from '../table-facts.ts';
import { usingIndexSteps } from '../using-index.ts';

export const primaryKeyWithoutIndex: StatementRule = {
  name: 'primary-key-without-index',
  title: 'A primary key builds its index',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'The index is built, and every row read for nulls, while nobody can read or write. An index that was built CONCURRENTLY before, on columns that are NOT NULL, is taken over in an instant.',
  check: (context) => [...ofTable(context), ...ofColumns(context)],
};

function ofTable({ view, statement, source }: StatementContext): Raised[] {
  return addedConstraints({ statement, source }).flatMap(({ table, constraint, at }) => {
    if (constraint.contype !== 'CONSTR_PRIMARY' || constraint.indexname || !isThere(view, table)) return [];
    const keys = nameParts(constraint.keys);
    const name = constraint.conname ?? derivedName(table.name, 'pkey');
    const nullable = keys.filter((key) => mayBeNull({ view }, table, key));
    const proofs = nullable.flatMap((key) => [notNullSteps(table, key, view.serverVersion), NEXT_MIGRATION]);
    const possible = !isPartitioned(view, table) && !constraint.without_overlaps;
    const message = `ADD PRIMARY KEY holds ACCESS EXCLUSIVE on ${tableWords(view, table)} while its index is built`;
    const instead = possible
      ? steps(...proofs, usingIndexSteps(table, { kind: 'PRIMARY KEY', name, constraint }))
      : null;
    return [{ at, message, instead }];
  });
}

/** An old row cannot have a key that is made up with the column; the index is built at once in any case. */
function ofColumns({ view, statement, source }: StatementContext): Raised[] {
  return addedColumns({ statement, source }).flatMap((column) => {
    const constraint = constraintOf(column, 'CONSTR_PRIMARY');
    if (!constraint || !isThere(view, column.table)) return [];
    const message = `ADD COLUMN ${column.name} PRIMARY KEY holds ACCESS EXCLUSIVE on ${tableWords(view, column.table)} while its index is built`;
    return [{ at: constraint.location, message, instead: null }];
  });
}

function mayBeNull({ view }: Pick<StatementContext, 'view'>, table: ObjectName, column: string): boolean {
  const known = view.table(table);
  const found = columnOf(known, column);
  return found !== undefined && !found.notNull && !impliesNotNull(known, column);
}
