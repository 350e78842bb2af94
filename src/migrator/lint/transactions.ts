/** Which statements of a file share a transaction, as migrate runs it, or would if it did not refuse the file. */
import type { SqlFile } from '../sql-file.ts';
import type { SqlStatement } from '../sql-statement.ts';
import { transactionMode } from '../transaction-control.ts';

export interface Placed {
  readonly statement: SqlStatement;
  /** Of its transaction, itself included. */
  readonly transaction: readonly SqlStatement[];
  readonly runs: 'in a transaction' | 'alone';
  readonly wrapped: 'by BEGIN' | 'not';
}

interface Group {
  readonly statements: SqlStatement[];
  readonly runs: Placed['runs'];
}

/** The file's statements in order, without the BEGIN and COMMIT that a file may have. */
export function placed(file: SqlFile, statements: readonly SqlStatement[]): readonly Placed[] {
  const wrapped = betweenMarks(statements);
  return groupsOf(file, statements, wrapped).flatMap(({ statements: transaction, runs }) =>
    transaction.map((statement): Placed => {
      return { statement, transaction, runs, wrapped: wrapped.has(statement) ? 'by BEGIN' : 'not' };
    }),
  );
}

/** What stands behind a BEGIN and before its end. */
function betweenMarks(statements: readonly SqlStatement[]): ReadonlySet<SqlStatement> {
  let isOpen = false;
  return new Set(
    statements.filter((statement) => {
      const control = controlOf(statement);
      if (control) isOpen = control === 'begin' || (isOpen && control !== 'end');
      return isOpen && control !== 'begin';
    }),
  );
}

function groupsOf(file: SqlFile, statements: readonly SqlStatement[], wrapped: ReadonlySet<SqlStatement>): Group[] {
  const mode = transactionMode(file);
  const marks = mode === 'none' ? ownMarks(statements) : outerMarks(statements);
  const groups: Group[] = [];
  let run: Group | undefined;
  for (const statement of statements) {
    if (marks.has(statement)) {
      run = undefined;
      continue;
    }
    const single = mode === 'none' && !wrapped.has(statement);
    const alone = statement.lone || controlOf(statement) || (single && isBlock(statement));
    if (run && !alone && !single) {
      run.statements.push(statement);
      continue;
    }
    groups.push({ statements: [statement], runs: alone ? 'alone' : 'in a transaction' });
    run = alone ? undefined : groups.at(-1);
  }
  return groups;
}

/** The one BEGIN and the one COMMIT around all of it. */
function outerMarks(statements: readonly SqlStatement[]): ReadonlySet<SqlStatement> {
  const [first] = statements;
  const last = statements.at(-1);
  return isPlain(first, 'begin') && isPlain(last, 'end') ? new Set([first!, last!]) : new Set();
}

/** A file that asks for no transaction may begin and commit its own. */
function ownMarks(statements: readonly SqlStatement[]): ReadonlySet<SqlStatement> {
  return new Set(statements.filter((one) => isPlain(one, 'begin') || isPlain(one, 'end')));
}

/** Without options, and COMMIT where it ends. */
function isPlain(statement: SqlStatement | undefined, control: 'begin' | 'end'): boolean {
  if (!statement || !('TransactionStmt' in statement.node) || controlOf(statement) !== control) return false;
  const { kind, options, chain } = statement.node.TransactionStmt;
  return kind !== 'TRANS_STMT_ROLLBACK' && (options ?? []).length === 0 && !chain;
}

function controlOf({ node }: SqlStatement): 'begin' | 'end' | 'other' | undefined {
  if (!('TransactionStmt' in node)) return undefined;
  const kind = node.TransactionStmt.kind;
  if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') return 'begin';
  return kind === 'TRANS_STMT_COMMIT' || kind === 'TRANS_STMT_ROLLBACK' ? 'end' : 'other';
}

function isBlock({ kind }: SqlStatement): boolean {
  return kind === 'CallStmt' || kind === 'DoStmt';
}
