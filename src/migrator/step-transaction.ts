/**
 * One part of a migration as one transaction in one round trip: the file's statements, the claim's assertion before them and
 * the ledger's bookkeeping after them. On a lock timeout it is rolled back and tried again.
 */
import { isProblemError, ProblemError } from '../model/problem.ts';
import { problemFromPg, type SqlSource } from '../postgres/problem-from-pg.ts';
import { assertClaimSql } from './claim-table.ts';
import { withLockRetries } from './lock-retries.ts';
import { type Script, scriptOf } from './script.ts';
import type { SqlFile } from './sql-file.ts';
import type { SqlStatement } from './sql-statement.ts';
import { countCompleted, send, type Work } from './work.ts';

export interface StepTransaction {
  /** As the subject of a sentence: `applying 007_recipients`. */
  readonly doing: string;
  readonly file: SqlFile;
  readonly statements: readonly SqlStatement[];
  /** Our own SQL before and after the file's statements. */
  readonly before?: readonly string[];
  readonly after: readonly string[];
}

/** Errors: a ProblemError with the place in the file; `lock-timeout`; `claim-lost`; `interrupted`. */
export async function runStep(work: Work, step: StepTransaction): Promise<void> {
  const script = scriptOf({
    before: ['begin;', ...beginningOf(work), ...(step.before ?? [])],
    file: step.file,
    statements: step.statements,
    // The file may have taken another role; the ledger is written as who we are.
    after: ['reset session authorization;', ...step.after, 'commit;'],
  });
  try {
    await withLockRetries(work, {
      doing: step.doing,
      attempt: () => sendScript(work, step.doing, script),
      takeBack: () => rollback(work),
    });
  } catch (error) {
    await rollback(work);
    throw asProblem(error, { doing: step.doing });
  }
}

/** Errors: a ProblemError with the place in the file, whose cause is the driver's own. */
export async function sendScript(work: Work, doing: string, script: Script): Promise<void> {
  const completed = countCompleted(work.session.client);
  try {
    await send(work, script.text);
  } catch (error) {
    throw asProblem(error, { doing, source: script.source(completed.count()) });
  } finally {
    completed.stop();
  }
}

/** Every transaction of ours begins with this. */
export function beginningOf(work: Work): readonly string[] {
  return work.claimToken === null ? [] : [assertClaimSql(work.claimToken)];
}

/** Ends a failed transaction; says nothing where the connection is gone, because the server has ended it then. */
export async function rollback(work: Work): Promise<void> {
  await work.session.client.query('rollback').catch(() => undefined);
}

/** The error of a migration's statement as a ProblemError. */
export function asProblem(error: unknown, context: { doing: string; source?: SqlSource }) {
  if (isProblemError(error)) return error;
  const problem = problemFromPg(error, { ...context, code: 'migration-failed' });
  return new ProblemError({ ...problem, ...adviceFor(problem.code) }, { cause: error });
}

function adviceFor(code: string): { readonly expected?: string; readonly next?: string } {
  switch (code) {
    case 'claim-lost':
      return {
        expected: 'the claim that this run took when it began',
        next: 'look at the run that holds the claim now; this one must not go on',
      };
    case 'connection-lost':
      return { next: 'run the same command again: what was committed is in the ledger, the rest was rolled back' };
    default:
      return { next: 'correct the cause, then run the same command again; nothing of this transaction was kept' };
  }
}
