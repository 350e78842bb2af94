/**
 * Runs the statements of a mirror inside a transaction that somebody else has begun: all of them as they are, or, where an
 * unfinished migration is cleared, one by one and past those whose objects were never made.
 */
import { driverErrorOf, sqlstateOf } from '../postgres/sqlstate.ts';
import { keepLimits } from './locks/limited-script.ts';
import { type LoneStep, runLone } from './lone-statement.ts';
import { scriptOf } from './script.ts';
import type { SqlFile } from './sql-file.ts';
import type { SqlStatement } from './sql-statement.ts';
import { sendScript } from './step-transaction.ts';
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
  const { between } = keepLimits(work.policy, { doing, statements, session: 'unknown' });
  await sendScript(work, doing, scriptOf({ before: [], file, statements, after: [], between }));
};

/**
 * Undefined table, object, column, function, schema: never made, or dropped by an earlier attempt to clear. The same, but
 * duplicate: never dropped, or made again by an earlier attempt.
 */
const TOLERATED = ['42P01', '42704', '42703', '42883', '3F000', '42P07', '42710', '42701', '42723', '42P06'];

export const runTolerantly: RunStatements = async (work, { doing, file, statements }, pass) => {
  const { between } = keepLimits(work.policy, { doing, statements, session: 'unknown' });
  for (const [index, statement] of statements.entries()) {
    const before = ['savepoint drydock_statement;', ...(between.get(index) ?? [])];
    const script = scriptOf({ before, file, statements: [statement], after: [] });
    try {
      await sendScript(work, doing, script);
      await send(work, 'release savepoint drydock_statement');
    } catch (error) {
      if (!isTolerated(error)) throw error;
      await send(work, 'rollback to savepoint drydock_statement; release savepoint drydock_statement');
      if (pass === 'real') tellSkipped(work, statement, error);
    }
  }
};

/** A statement that no transaction can hold. */
export async function runLoneTolerantly(work: Work, step: LoneStep): Promise<void> {
  try {
    await runLone(work, step);
  } catch (error) {
    if (!isTolerated(error)) throw error;
    tellSkipped(work, step.statement, error);
  }
}

function isTolerated(error: unknown): boolean {
  return TOLERATED.includes(sqlstateOf(driverErrorOf(error)) ?? '');
}

function tellSkipped(work: Work, statement: SqlStatement, error: unknown): void {
  const cause = driverErrorOf(error);
  const reason = cause instanceof Error ? cause.message : String(cause);
  work.emit({ kind: 'statement-skipped', line: statement.line, reason });
}
