/**
 * Runs the statements of a mirror inside a transaction that somebody else has begun: all of them as they are, or, where an
 * unfinished migration is cleared, one by one and past those whose objects were never made.
 */
import { driverErrorOf, sqlstateOf } from '../postgres/sqlstate.ts';
import { runConcurrently } from './concurrent-session.ts';
import { scriptOf } from './script.ts';
import type { SqlFile } from './sql-file.ts';
import type { SqlStatement } from './sql-statement.ts';
import { asProblem, sendScript } from './step-transaction.ts';
import { send, type Work } from './work.ts';

export interface DownStatements {
  readonly doing: string;
  readonly file: SqlFile;
  readonly statements: readonly SqlStatement[];
}

/** `rehearsal`: it is going to be taken back, so nothing is told of it. */
export type Pass = 'rehearsal' | 'real';

export type RunStatements = (work: Work, down: DownStatements, pass: Pass) => Promise<void>;

/** Errors: a ProblemError with the place in the file, whose cause is the driver's own. */
export const runStrictly: RunStatements = async (work, { doing, file, statements }) => {
  const script = scriptOf({ before: [], file, statements, after: [] });
  await sendScript(work, doing, script);
};

/** Undefined table, object, column, function, schema. */
const UNDEFINED = ['42P01', '42704', '42703', '42883', '3F000'];

export const runTolerantly: RunStatements = async (work, { doing, file, statements }, pass) => {
  for (const statement of statements) {
    const script = scriptOf({ before: ['savepoint drydock_statement;'], file, statements: [statement], after: [] });
    try {
      await sendScript(work, doing, script);
      await send(work, 'release savepoint drydock_statement');
    } catch (error) {
      if (!isUndefined(error)) throw error;
      await send(work, 'rollback to savepoint drydock_statement; release savepoint drydock_statement');
      if (pass === 'real') tellSkipped(work, statement, error);
    }
  }
};

/** A statement that no transaction can hold. */
export async function runLoneTolerantly(
  work: Work,
  { doing, file, statement }: { readonly doing: string; readonly file: SqlFile; readonly statement: SqlStatement },
): Promise<void> {
  const script = scriptOf({ before: [], file, statements: [statement], after: [] });
  try {
    await runConcurrently(work, doing, statement.text);
  } catch (error) {
    if (!isUndefined(error)) throw asProblem(error, { doing, source: script.source(0) });
    tellSkipped(work, statement, error);
  }
}

function isUndefined(error: unknown): boolean {
  return UNDEFINED.includes(sqlstateOf(driverErrorOf(error)) ?? '');
}

function tellSkipped(work: Work, statement: SqlStatement, error: unknown): void {
  const cause = driverErrorOf(error);
  const reason = cause instanceof Error ? cause.message : String(cause);
  work.emit({ kind: 'statement-skipped', line: statement.line, reason });
}
