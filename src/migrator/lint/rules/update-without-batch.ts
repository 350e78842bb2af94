/** UPDATE or DELETE of all rows of a table in use, in one statement. */
import type { DeleteStmt, Node, UpdateStmt } from 'libpg-query';
import { nameOf } from '../../statement-kinds.ts';
import { quoteName, writtenName } from '../names.ts';
import { nodesOf } from '../parse-tree.ts';
import type { Raised, StatementContext, StatementRule } from '../rule.ts';
import { BY_A_JOB, batch, steps } from '../steps.ts';
import { isThere, tableWords } from '../table-facts.ts';

export const updateWithoutBatch: StatementRule = {
  name: 'update-without-batch',
  title: 'All rows of a table are changed in one statement',
  severity: 'error',
  scope: 'statement',
  files: 'both',
  why: 'Every row stays locked until the transaction ends, the table grows to twice its size, replicas fall behind, and a failure at the end takes all of it back.',
  check: (context) => {
    const { node } = context.statement;
    if ('UpdateStmt' in node) return ofUpdate(context, node.UpdateStmt);
    return 'DeleteStmt' in node ? ofDelete(context, node.DeleteStmt) : [];
  },
};

function ofUpdate({ statement, view }: StatementContext, update: UpdateStmt): Raised[] {
  const table = nameOf(update.relation);
  if (!isThere(view, table) || (update.whereClause && !isBackfill(update))) return [];
  const what = update.whereClause ? 'in the rows that have none yet' : 'in every row';
  const message = `UPDATE sets ${columnsOf(update).join(', ')} ${what} of ${tableWords(view, table)}, in one transaction`;
  const instead = update.fromClause || update.relation?.alias ? null : batchedUpdate(update, statement.text);
  return [{ message, instead, ...(update.whereClause ? { severity: 'warning' as const } : {}) }];
}

function ofDelete({ view }: StatementContext, remove: DeleteStmt): Raised[] {
  const table = nameOf(remove.relation);
  if (!isThere(view, table) || remove.whereClause) return [];
  const written = writtenName(table);
  const message = `DELETE removes every row of ${tableWords(view, table)}, in one transaction`;
  return [{ message, instead: steps(BY_A_JOB, `DELETE FROM ${written} WHERE ${batch(written)}`) }];
}

/** `WHERE a IS NULL` for a column that is being set. */
function isBackfill(update: UpdateStmt): boolean {
  const where = update.whereClause;
  if (!where || !('NullTest' in where) || where.NullTest.nulltesttype !== 'IS_NULL') return false;
  return columnsOf(update).includes(columnName(where.NullTest.arg) ?? '');
}

function columnsOf({ targetList }: UpdateStmt): string[] {
  return (targetList ?? []).flatMap((one) => ('ResTarget' in one ? [one.ResTarget.name ?? ''] : []));
}

function columnName(node: Node | undefined): string | undefined {
  const last = node && 'ColumnRef' in node ? node.ColumnRef.fields?.at(-1) : undefined;
  return last && 'String' in last ? last.String.sval : undefined;
}

/** Null where a row would not show whether it was changed already: `SET n = n + 1`. */
function batchedUpdate(update: UpdateStmt, text: string): string | null {
  const [only, ...more] = columnsOf(update);
  const read = nodesOf(update.targetList, 'ColumnRef').map((one) => columnName({ ColumnRef: one }) ?? '');
  const [, set, where] = /\bset\s+([\s\S]+?)(?:\s+where\s+([\s\S]+))?$/i.exec(text) ?? [];
  if (!set || !only || more.length > 0 || read.includes(only) || update.returningClause) return null;
  const table = writtenName(nameOf(update.relation));
  const waits = `${quoteName(only)} IS DISTINCT FROM ${set.replace(/^[^=]+=\s*/, '')}`;
  return steps(BY_A_JOB, `UPDATE ${table} SET ${set} WHERE ${batch(table, where ? `${where} AND ${waits}` : waits)}`);
}
