/** What went wrong, as a Problem, and how a run says so: workflow code throws ApplicationFailure and nothing else. */
import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { RunOutcome } from '../../model/event.ts';
import type { Problem } from '../../model/problem.ts';
import type { RunState } from '../../model/state.ts';

/** Failure type of a check, step or validation that did not pass; its details hold the Problem. */
const PROBLEM_TYPE = 'Problem';

/** A Problem as a failure that nothing retries. */
export function problemFailure(problem: Problem): ApplicationFailure {
  return ApplicationFailure.create({
    message: `${problem.code}: ${problem.message}`,
    type: PROBLEM_TYPE,
    nonRetryable: true,
    details: [problem],
  });
}

/** The Problem behind whatever was caught, with the original kept as words where it is none. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApplicationFailure) return detailOf(error) ?? unexpected(error.message);
  if (error instanceof ActivityFailure) {
    if (error.cause instanceof TimeoutFailure) return timedOut(error);
    return error.cause ? problemOf(error.cause) : unexpected(error.message);
  }
  if (isCancellation(error)) return { code: 'cancelled', message: 'the run was cancelled', retry: 'stop' };
  return unexpected(error instanceof Error ? error.message : String(error));
}

function detailOf(failure: ApplicationFailure): Problem | undefined {
  const detail = failure.details?.[0] as Problem | undefined;
  return detail && typeof detail.code === 'string' && typeof detail.message === 'string' ? detail : undefined;
}

function timedOut(error: ActivityFailure): Problem {
  return {
    code: 'activity-timeout',
    message: `${error.activityType} did not end in time`,
    found: error.cause?.message ?? 'no answer from a worker',
    expected: 'a worker that answers, and a database that lets it work',
    next: 'look at the worker and the database, then start the run again',
    retry: 'retry',
  };
}

function unexpected(message: string): Problem {
  return { code: 'unexpected', message: message || 'an error without a message', retry: 'stop' };
}

/** How each outcome that is no success is named in Temporal. */
const FAILURE_TYPES: Readonly<Record<Exclude<RunOutcome, 'done' | 'up-to-date' | 'cancelled'>, string>> = {
  rejected: 'Rejected',
  expired: 'Expired',
  failed: 'Failed',
  aborted: 'Aborted',
  'rolled-back': 'RolledBack',
  'undo-failed': 'UndoFailed',
};

/** The failure that ends a workflow: how it ended and the way on in its message, for lists that show nothing else; with the whole state in its details, for readers of the history. */
export function outcomeFailure(state: RunState): ApplicationFailure {
  const outcome = state.outcome as keyof typeof FAILURE_TYPES;
  return ApplicationFailure.create({
    message: state.next ? `${state.sentence}; next: ${state.next}` : (state.sentence ?? outcome),
    type: FAILURE_TYPES[outcome],
    nonRetryable: true,
    details: [state],
  });
}
