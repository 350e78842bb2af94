/**
 * A file may be wrapped whole in BEGIN … COMMIT, as many tools ask for; it is then taken as its content. Any other statement
 * that begins or ends a transaction is refused: what it commits could not be recorded with it.
 */
import { ProblemError } from '../model/problem.ts';
import type { SqlFile } from './sql-file.ts';
import { type SqlStatement, whereIs } from './sql-statement.ts';

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
