/** What is held on a target, by whom and until when, as lines for a terminal. */
import type { HeldThing } from '../drain/held-thing.ts';
import type { LeaseRow } from '../drain/lease/lease.ts';
import type { LetGoReport } from '../drain/let-go-of-all.ts';
import { formatDuration } from '../model/duration.ts';

export interface HoldFound {
  readonly hold: LeaseRow;
  readonly things: readonly HeldThing[];
  /** As far as Temporal can tell. */
  readonly run: 'running' | 'closed' | 'unknown';
}

const RUN_WORDS = {
  running: 'the run is open',
  closed: 'the run is over',
  unknown: 'Temporal does not tell whether the run is open',
};

export function holdLines({ hold, things, run }: HoldFound): string[] {
  return [
    `${hold.workflowId} holds ${hold.target} since ${hold.takenAt} (run ${hold.runId}); ${RUN_WORDS[run]}; ${leaseWords(hold)}`,
    ...things.map(({ kind, name }) => `  ${kind} ${name}`),
  ];
}

function leaseWords({ state, remainingMs, keptForPerson, letGoBy }: LeaseRow): string {
  if (state === 'letting-go') return `the ${letGoBy} has begun to let go`;
  if (remainingMs <= 0) return `its lease ran out ${formatDuration(-remainingMs)} ago`;
  return keptForPerson
    ? `kept for a person for another ${formatDuration(remainingMs)}`
    : `its lease runs for another ${formatDuration(remainingMs)} unless it is renewed`;
}

export function releasedLines(target: string, things: readonly HeldThing[], { done }: LetGoReport): string[] {
  if (things.length === 0) return [`nothing was touched under this hold: ${target} is free`];
  return [`${done.length === 1 ? '1 thing is' : `${done.length} things are`} as before: ${target} is free`];
}
