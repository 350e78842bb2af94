/** What a run's end, and a problem on the way to it, mean as an exit code, for scripts. */
import { assertNever } from '../../model/assert-never.ts';
import type { RunOutcome } from '../../model/event.ts';
import type { Problem } from '../../model/problem.ts';
import { type ExitCode, exitCodeOf } from '../exit-codes.ts';

/** The run is not over: it is still watched by nobody, or the watching was ended. */
export const EXIT_PENDING: ExitCode = 3;

/**
 * 0: the database is as the runbook wants it. 1: it is not, because something failed or somebody stopped it at work.
 * 2: a person said no, or nobody said yes; nothing was changed. 3: not over.
 */
export function exitCodeOfOutcome(outcome: RunOutcome | null): ExitCode {
  switch (outcome) {
    case 'done':
    case 'up-to-date':
      return 0;
    case 'failed':
    case 'aborted':
    case 'cancelled':
    case 'rolled-back':
    case 'undo-failed':
      return 1;
    case 'rejected':
    case 'expired':
      return 2;
    case null:
      return EXIT_PENDING;
    default:
      return assertNever(outcome);
  }
}

/** Problems of this kind are a no to what was asked; nothing was sent, or nothing was taken. */
const REFUSED: readonly string[] = [
  'input-invalid',
  'run-exists',
  'run-not-found',
  'run-ambiguous',
  'run-not-named',
  'run-closed',
  'plan-missing',
  'message-invalid',
  'message-refused',
  'sender-unknown',
  'temporal-profile-invalid',
];

export function exitCodeOfProblem(problem: Pick<Problem, 'code'>): ExitCode {
  return REFUSED.includes(problem.code) ? 2 : exitCodeOf(problem);
}
