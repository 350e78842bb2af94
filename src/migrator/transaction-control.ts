/**
 * A file may be wrapped whole in BEGIN … COMMIT, as many tools ask for; it is then taken as its content. Any other statement
 * that begins or ends a transaction is refused: what it commits could not be recorded with it.
 */
import { ProblemError } from '../model/problem.ts';
import { skipToStatement } from './skip-comments.ts';
import type { SqlFile } from './sql-file.ts';
import { type SqlStatement, whereIs } from './sql-statement.ts';

const MARK = /^[ \t]*--[ \t]*drydock:no-transaction[ \t]*$/m;

/** By the mark on a line of its own before the first statement, or by what the file's reader has found. */
export function transactionMode(file: SqlFile): 'auto' | 'none' {
  return file.transaction === 'none' || MARK.test(file.sql.slice(0, skipToStatement(file.sql, 0))) ? 'none' : 'auto';
}

const isControl = (statement: SqlStatement): boolean => statement.kind === 'TransactionStmt';
/** Without options: an isolation level would be lost. */
const isPlainBegin = (statement: SqlStatement | undefined): boolean =>
  /^(begin(\s+(work|transaction))?|start\s+transaction)$/i.test(statement?.text ?? '');
const isPlainCommit = (statement: SqlStatement | undefined): boolean =>
  /^(commit|end)(\s+(work|transaction))?$/i.test(statement?.text ?? '');

/** The statements without a BEGIN … COMMIT around all of them. Errors: `transaction-control-in-file`. */
export function unwrapTransaction(file: SqlFile, statements: readonly SqlStatement[]): readonly SqlStatement[] {
  const wrapped = isPlainBegin(statements[0]) && isPlainCommit(statements.at(-1));
  const content = wrapped ? statements.slice(1, -1) : statements;
  const control = content.find(isControl);
  if (control) throw refused(file, control, `${firstWords(control)} stands among other statements`);
  const lone = wrapped ? content.find((statement) => statement.lone) : undefined;
  if (lone) throw refused(file, lone, 'this statement cannot be inside BEGIN … COMMIT');
  return content;
}

/**
 * The statements of a file that asks for no transaction, one by one; those between a BEGIN and its COMMIT together, without
 * the two. Errors: `transaction-control-in-file`.
 */
export function ownTransactions(file: SqlFile, statements: readonly SqlStatement[]): SqlStatement[][] {
  const groups: SqlStatement[][] = [];
  let open: SqlStatement[] | undefined;
  for (const statement of statements) {
    if (!open && isPlainBegin(statement)) open = [];
    else if (open && isPlainCommit(statement)) {
      if (open.length > 0) groups.push(open);
      open = undefined;
    } else if (isControl(statement)) throw refused(file, statement, `${firstWords(statement)} stands alone`);
    else if (open && statement.lone) throw refused(file, statement, 'this statement cannot be inside BEGIN … COMMIT');
    else if (open) open.push(statement);
    else groups.push([statement]);
  }
  if (open) throw refused(file, open[0] ?? statements.at(-1)!, 'its BEGIN has no COMMIT');
  return groups;
}

function refused(file: SqlFile, statement: SqlStatement, why: string): ProblemError {
  return new ProblemError({
    code: 'transaction-control-in-file',
    message: `${file.path} begins or ends a transaction by itself: ${why}`,
    found: whereIs(file, statement),
    expected:
      'no transaction control in the file, or BEGIN and COMMIT around all of it: each file is committed with its ledger row',
    next: `take the statement out of ${file.path}, or split the file`,
  });
}

function firstWords(statement: SqlStatement): string {
  return statement.text.split(/\s+/).slice(0, 2).join(' ').toUpperCase();
}
