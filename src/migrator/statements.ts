/**
 * Takes an SQL file apart by PostgreSQL's own parser: its statements with their places, and the parts it has to be run in.
 * It refuses what would break the transaction a part runs in. It knows no database.
 */
import { ProblemError } from '../model/problem.ts';
import type { SqlFile } from './sql-file.ts';
import { type SqlStatement, whereIs } from './sql-statement.ts';
import type { LoneWork } from './statement-kinds.ts';
import { ownTransactions, transactionMode, unwrapTransaction } from './transaction-control.ts';

export type { SqlFile } from './sql-file.ts';
export type { SqlStatement } from './sql-statement.ts';

/** A run of statements that is one transaction, or a statement that runs alone. */
export type Part =
  | { readonly kind: 'transaction'; readonly statements: readonly SqlStatement[] }
  | { readonly kind: 'alone'; readonly statement: SqlStatement; readonly work: LoneWork };

export interface AnalysedFile {
  readonly file: SqlFile;
  /**
   * `none`: the file asks for no transaction, by `-- drydock:no-transaction` on a line of its own before its first statement,
   * or by its own tool's mark. Each statement is then a part of its own.
   */
  readonly transaction: 'auto' | 'none';
  readonly statements: readonly SqlStatement[];
  readonly parts: readonly Part[];
}

/**
 * Errors (all `stop`, with the place in the file): `migration-syntax`, `transaction-control-in-file`,
 * `statement-not-allowed`, `index-without-name`.
 */
export async function analyseFile(file: SqlFile): Promise<AnalysedFile> {
  // Loaded here because it costs tens of milliseconds that a command without SQL need not spend.
  const { parseStatements } = await import('./parse-statements.ts');
  const parsed = await parseStatements(file);
  const transaction = transactionMode(file);
  if (transaction === 'none') return statementByStatement(file, parsed);
  const statements = unwrapTransaction(file, parsed);
  for (const statement of statements) refuseForbidden(file, statement);
  return { file, transaction, statements, parts: partsOf(statements) };
}

/**
 * A statement that can be in a transaction gets one of its own, with its progress in the ledger: it is then done exactly once.
 * What the file itself puts between BEGIN and COMMIT stays together.
 */
function statementByStatement(file: SqlFile, parsed: readonly SqlStatement[]): AnalysedFile {
  const groups = ownTransactions(file, parsed);
  const statements = groups.flat();
  for (const statement of statements) refuseForbidden(file, statement);
  const parts = groups.map((group): Part => {
    const [statement] = group;
    const work = group.length === 1 ? loneWorkWithout(statement!) : undefined;
    return work ? { kind: 'alone', statement: statement!, work } : { kind: 'transaction', statements: group };
  });
  return { file, transaction: 'none', statements, parts };
}

function loneWorkWithout({ lone, kind }: SqlStatement): LoneWork | undefined {
  return lone ?? (kind === 'CallStmt' || kind === 'DoStmt' ? { kind: 'block' } : undefined);
}

/** Runs of statements that can be in a transaction are one part each; every other statement is a part of its own. */
export function partsOf(statements: readonly SqlStatement[]): Part[] {
  const parts: Part[] = [];
  let run: SqlStatement[] = [];
  const endRun = () => {
    if (run.length > 0) parts.push({ kind: 'transaction', statements: run });
    run = [];
  };
  for (const statement of statements) {
    if (!statement.lone) {
      run.push(statement);
      continue;
    }
    endRun();
    parts.push({ kind: 'alone', statement, work: statement.lone });
  }
  endRun();
  return parts;
}

function refuseForbidden(file: SqlFile, statement: SqlStatement): void {
  if (statement.kind === 'DiscardStmt' && /\ball\s*$/i.test(statement.text)) {
    throw new ProblemError({
      code: 'statement-not-allowed',
      message: `${file.path} holds DISCARD ALL`,
      found: whereIs(file, statement),
      expected:
        'a file that leaves the session as it is: DISCARD ALL would give up the lock that keeps other migrators out',
      next: 'use RESET ALL or DISCARD TEMP instead',
    });
  }
  if (statement.lone?.kind === 'create-nameless-index') {
    throw new ProblemError({
      code: 'index-without-name',
      message: `${file.path} builds an index CONCURRENTLY without giving it a name`,
      found: whereIs(file, statement),
      expected: 'a name, by which a build that was cancelled half-way can be found again',
      next: 'write CREATE INDEX CONCURRENTLY <name> ON …',
    });
  }
}
