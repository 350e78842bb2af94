/** How an outcome is judged by whoever reads it: good, to be looked at, or bad; and as an exit code for scripts. */
import { assertNever } from '../model/assert-never.ts';
import type { RunOutcome } from '../model/event.ts';

export type OutcomeTone = 'good' | 'warn' | 'bad';

/** `warn`: ended with nothing changed, or with everything put back. `bad`: a person is needed. */
export function outcomeTone(outcome: RunOutcome): OutcomeTone {
  switch (outcome) {
    case 'done':
    case 'up-to-date':
      return 'good';
    case 'rejected':
    case 'expired':
    case 'aborted':
    case 'cancelled':
    case 'rolled-back':
      return 'warn';
    case 'failed':
    case 'undo-failed':
      return 'bad';
    default:
      return assertNever(outcome);
  }
}

export function outcomeMark(outcome: RunOutcome): string {
  return { good: '✓', warn: '!', bad: '✗' }[outcomeTone(outcome)];
}

/** What an outcome means for the database, in one sentence. */
export function outcomeMeaning(outcome: RunOutcome): string {
  switch (outcome) {
    case 'done':
      return 'The database is as the runbook wants it.';
    case 'up-to-date':
      return 'There was nothing to do; the database is as the runbook wants it.';
    case 'rejected':
    case 'expired':
    case 'failed':
    case 'aborted':
    case 'cancelled':
      return 'The run ended before anything was changed.';
    case 'rolled-back':
      return 'What the run had done was undone, and the schema is proven to be as it was before.';
    case 'undo-failed':
      return 'What the run had done could not be undone, or could not be proven to be: a person is needed.';
    default:
      return assertNever(outcome);
  }
}
