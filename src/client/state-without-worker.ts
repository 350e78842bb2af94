/** A run's state out of what Temporal keeps, with an outcome for runs that were ended from outside and could not name one. Pure. */
import type { RunOutcome } from '../model/event.ts';
import { EMPTY_STATE, type RunState } from '../model/state.ts';
import type { Close } from './history.ts';
import { operationOf, type RunDescription } from './run-description.ts';

/** The whole state of a run that ended by itself; else its memo; else what its name and times say. */
export function stateWithoutWorker(run: RunDescription, close: Close | null): RunState {
  if (close?.kind === 'state') return close.state;
  const known = run.memo ?? fromDescription(run);
  if (close === null || known.outcome !== null) return known;
  const { outcome, sentence, next } = cutOff(run, known, close.message);
  return { ...known, outcome, sentence, next, waiting: null, paused: null, endedAt: run.closedAt };
}

function fromDescription(run: RunDescription): RunState {
  const [runbook = '', target = ''] = run.workflowId.split('/');
  const { workflowId, runId, startedAt } = run;
  const operation = operationOf(run.workflowType) ?? 'run';
  return { ...EMPTY_STATE, runbook, target, operation, workflowId, runId, startedAt, requestedBy: 'unknown' };
}

type Ending = { readonly outcome: RunOutcome; readonly sentence: string; readonly next: string };

/** A run that Temporal closed without the run's own word: terminated, timed out, or failed before it began. */
function cutOff(run: RunDescription, known: RunState, message: string): Ending {
  if (run.status === 'FAILED' && run.memo === null) {
    return { outcome: 'failed', sentence: message, next: 'start it again as the sentence says; nothing was changed' };
  }
  const how =
    { TERMINATED: 'was terminated', TIMED_OUT: 'ran out of its time' }[String(run.status)] ?? `ended as ${run.status}`;
  const changed = known.phase === 'execution' || known.phase === 'validation' || known.phase === 'undo';
  return {
    outcome: changed ? 'undo-failed' : 'failed',
    sentence: `the workflow ${how} in phase ${known.phase} (${message}), and so nothing was undone or let go of`,
    next: `look at the ledger with status; a new run of ${run.workflowId} takes over what this one held`,
  };
}
