/** The one place where an error of ours becomes a failure of Temporal's: its class decides whether Temporal tries again. */
import { ApplicationFailure, activityInfo, CancelledFailure, cancellationDetails } from '@temporalio/activity';
import { isProblemError, type Problem } from '../model/problem.ts';
import { problemFromPg } from '../postgres/problem-from-pg.ts';

/** What to throw for what was caught. Cancellations stay cancellations; a stopping worker's step goes to the next at once. */
export function toFailure(error: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return interrupted(error);
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  return problemToFailure(
    isProblemError(error) ? error.problem : problemFromPg(error, { doing: activityInfo().activityType }),
  );
}

/** A Problem with all its parts in the failure's details; its code is the failure's type, readable in the UI. */
export function problemToFailure(problem: Problem): ApplicationFailure {
  return ApplicationFailure.create({
    message: `${problem.code}: ${problem.message}`,
    type: problem.code,
    nonRetryable: problem.retry === 'stop',
    details: [problem],
  });
}

function interrupted(error: unknown): Error {
  if (!cancellationDetails()?.workerShutdown)
    return error instanceof CancelledFailure ? error : new CancelledFailure('cancelled');
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
