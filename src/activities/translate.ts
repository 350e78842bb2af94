/** The one place where an error of ours becomes a failure of Temporal's: its class decides whether Temporal tries again. */
import { ApplicationFailure, activityInfo, CancelledFailure, cancellationDetails } from '@temporalio/activity';
import { isProblemError, type Problem } from '../model/problem.ts';
import { problemFromPg } from '../postgres/problem-from-pg.ts';
import type { RunbookActivities, RunRef } from './contract.ts';

/** What to throw for what was caught. Cancellations stay cancellations; a stopping worker's step goes to the next at once. */
export function toFailure(error: unknown, signal: AbortSignal, patience: RunRef['patience']): Error {
  if (signal.aborted) return interrupted(error);
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const problem = isProblemError(error) ? error.problem : problemFromPg(error, { doing: activityInfo().activityType });
  return patience === 'keep-trying' && isMendable(problem) ? mendable(problem) : problemToFailure(problem);
}

function isMendable({ code }: Problem): boolean {
  // Who renews a lease must not wait past its end: that it cannot be renewed is what the run has to know.
  const waitsForDatabase = activityInfo().activityType !== ('keepHold' satisfies keyof RunbookActivities);
  return MENDABLE.has(code) || (waitsForDatabase && MENDABLE_DATABASE.has(code));
}

/** A server that takes no writes or nobody in at the moment: a failover, a restart or somebody with a larger disk ends it. */
const MENDABLE_DATABASE: ReadonlySet<string> = new Set([
  'database-read-only',
  'database-is-replica',
  'database-auth-failed',
  'database-host-unknown',
  'database-tls',
  'disk-full',
  'disk-error',
  'out-of-memory',
  'insufficient-resources',
]);

/** Wrong files and settings of a worker: nothing of the database, so an undo waits until somebody has put them right. */
const MENDABLE: ReadonlySet<string> = new Set([
  'runbook-invalid',
  'runbook-unknown',
  'runbook-not-allowed',
  'targets-missing',
  'targets-invalid',
  'target-unknown',
  'url-variable-missing',
  'url-file-missing',
  'secret-missing',
  'consumer-unknown',
  'pooler-unknown',
  'pooler-url-invalid',
  'migrations-directory-missing',
  'migration-files-invalid',
  'migration-unknown',
  'migration-checksum-mismatch',
  'seed-module-invalid',
]);

function mendable(problem: Problem): ApplicationFailure {
  return ApplicationFailure.create({
    message: `${problem.code}: ${problem.message}; the undo waits until this is mended`,
    type: problem.code,
    details: [{ ...withoutSql(problem), retry: 'retry' }],
  });
}

/** A Problem with all its parts in the failure's details; its code is the failure's type, readable in the UI. */
export function problemToFailure(problem: Problem): ApplicationFailure {
  return ApplicationFailure.create({
    message: `${problem.code}: ${problem.message}`,
    type: problem.code,
    nonRetryable: problem.retry === 'stop',
    details: [withoutSql(problem)],
  });
}

/**
 * The excerpt of the file is for whoever has the file before them: a history keeps the place, not the SQL. Messages of the
 * server stay; what an author lets RAISE say is the author's.
 */
export function withoutSql(problem: Problem): Problem {
  if (problem.found === undefined) return problem;
  const found = problem.found
    .split('\n')
    .filter((line) => !/^\s*(\d+ \|.*|\^)$/.test(line))
    .join('\n');
  return { ...problem, found };
}

function interrupted(error: unknown): Error {
  const details = cancellationDetails();
  // Paused or reset by hand in Temporal: this attempt ends, the run does not.
  if (details?.paused || details?.reset)
    return ApplicationFailure.create({ message: 'this attempt was taken away in Temporal' });
  if (!details?.workerShutdown) return error instanceof CancelledFailure ? error : new CancelledFailure('cancelled');
  return ApplicationFailure.create({
    message: 'the worker is being stopped; another goes on',
    type: 'worker-stopping',
    nextRetryDelay: '1ms',
    details: [
      {
        code: 'worker-stopping',
        message: 'the worker was stopped in the middle of this step',
        retry: 'retry',
      } satisfies Problem,
    ],
  });
}
