/**
 * One part of a migration as one transaction in one round trip: the file's statements, the claim's assertion before them and
 * the ledger's bookkeeping after them. On a lock timeout it is rolled back and tried again.
 */
import type { Observed } from '../model/observed.ts';
import { isProblemError, ProblemError } from '../model/problem.ts';
import { problemFromPg, type SqlSource } from '../postgres/problem-from-pg.ts';
import { sqlstateOf } from '../postgres/sqlstate.ts';
import { assertClaimSql } from './claim-table.ts';
import { isOwnCommit } from './commits-itself.ts';
import { withLockRetries } from './lock-retries.ts';
import { keepLimits } from './locks/limited-script.ts';
import { beginObservingSql, endObservingSql, observedIn } from './observe.ts';
import { CLEAN_SESSION, type Script, scriptOf } from './script.ts';
import type { SqlFile } from './sql-file.ts';
import type { SqlStatement } from './sql-statement.ts';
import { countCompleted, type Results, send, type Work } from './work.ts';

export interface StepTransaction {
  /** As the subject of a sentence: `applying 007_recipients`. */
  readonly doing: string;
  readonly file: SqlFile;
  readonly statements: readonly SqlStatement[];
  /** Our own SQL before and after the file's statements. */
  readonly before?: readonly string[];
  readonly after: readonly string[];
  /** Throws what must not be committed. It costs a second round trip: without it the commit travels with the rest. */
  readonly accept?: (observed: Observed | null) => void;
}

/**
 * What was observed, where the work asks for it. Errors: a ProblemError with the place in the file; `lock-timeout`;
 * `claim-lost`; `interrupted`; those of `accept`.
 */
export async function runStep(work: Work, step: StepTransaction): Promise<Observed | null> {
  const observing = work.observe === 'yes';
  const { doing, statements } = step;
  const session = step.before?.includes(CLEAN_SESSION) || statements.length === 0 ? 'fresh' : 'unknown';
  const { policy, between, events } = keepLimits(work.policy, { doing, statements, session });
  for (const event of events) work.emit(event);
  const script = scriptOf({
    between,
    before: ['begin;', ...beginningOf(work), ...(step.before ?? []), ...(observing ? [beginObservingSql()] : [])],
    file: step.file,
    statements,
    // The file may have taken another role; the ledger is written as who we are.
    after: [
      'reset session authorization;',
      ...(observing ? [endObservingSql(work.ledgerSchema)] : []),
      ...step.after,
      ...(step.accept ? [] : ['commit;']),
    ],
  });
  try {
    return await withLockRetries(work, {
      doing,
      policy,
      attempt: () => attemptOnce(work, step, script),
      takeBack: () => rollback(work),
    });
  } catch (error) {
    await rollback(work);
    throw asProblem(error, { doing });
  }
}

async function attemptOnce(work: Work, { doing, accept }: StepTransaction, script: Script): Promise<Observed | null> {
  const observed = observedIn(await sendScript(work, doing, script));
  if (!accept) return observed;
  accept(observed);
  await send(work, 'commit');
  return observed;
}

/** Errors: a ProblemError with the place in the file, whose cause is the driver's own. */
export async function sendScript(work: Work, doing: string, script: Script): Promise<Results> {
  const completed = countCompleted(work.session.client);
  try {
    return await send(work, script.text);
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
  if (isStatementTimeout(error)) return new ProblemError({ ...problem, ...TIMED_OUT }, { cause: error });
  if (isOwnCommit(error)) return new ProblemError({ ...problem, ...COMMITS_ITSELF }, { cause: error });
  return new ProblemError({ ...problem, ...adviceFor(problem.code) }, { cause: error });
}

const TIMED_OUT = {
  code: 'statement-timeout',
  expected: 'statements on rows that end within the statement timeout (15 minutes unless it is set otherwise)',
  next: 'change rows in batches; or, where it is meant to take long, run the same command again with --statement-timeout 0s, or set locks.statementTimeout of the target',
};

const COMMITS_ITSELF = {
  expected: 'a file that is one transaction, in which no block or procedure commits by itself; nothing of it was kept',
  next: 'take the COMMIT out; or, where it is meant, put -- drydock:no-transaction on the first line of the file; then run the same command again',
};

/** The server has one SQLSTATE for this and for a person's cancellation, and tells them apart in words only. */
function isStatementTimeout(error: unknown): boolean {
  return sqlstateOf(error) === '57014' && error instanceof Error && /statement timeout/.test(error.message);
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
