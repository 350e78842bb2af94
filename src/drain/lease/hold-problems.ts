/** The words for a hold that is not ours, or not any more. */
import { ProblemError } from '../../model/problem.ts';
import type { LeaseRow } from './lease.ts';

/** `found`: what is there instead. */
export function holdLost(found: string): ProblemError {
  return new ProblemError({
    code: 'hold-lost',
    message: 'this run no longer holds traffic',
    found,
    expected: 'a lease of this run that has not run out',
    next: 'run `check`: it tells whether traffic is back; then start the run again',
  });
}

/** Passes by itself where the other run is gone; not where it waits for a person. */
export function holdTakenByOther(row: LeaseRow): ProblemError {
  return new ProblemError({
    code: 'hold-taken-by-other',
    message: `${row.workflowId} keeps traffic away from this database`,
    found: describeHold(row),
    expected: 'nobody else holding',
    next: `wait until it has let go, or run \`release --target ${row.target}\``,
    retry: row.keptForPerson ? 'stop' : 'retry',
  });
}

export function beingLetGo(): ProblemError {
  return new ProblemError({
    code: 'hold-being-let-go',
    message: 'somebody is letting go of what an earlier run held',
    expected: 'nobody at it',
    next: 'wait until it is done: it is tried again',
    retry: 'retry',
  });
}

/** `run communication/demo, run id …, since …, lease until …`. */
export function describeHold(row: LeaseRow): string {
  const who = `workflow ${row.workflowId}, run ${row.runId}, number ${row.token}, since ${row.takenAt}`;
  switch (row.state) {
    case 'ended':
      return `${who}: let go by ${row.letGoBy}`;
    case 'letting-go':
      return `${who}: being let go by ${row.letGoBy}`;
    default:
      return `${who}: ${row.remainingMs > 0 ? 'lease until' : 'lease ran out at'} ${row.expiresAt}${row.keptForPerson ? ', kept for a person' : ''}`;
  }
}
