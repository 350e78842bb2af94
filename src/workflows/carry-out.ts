/** One run from start to end, whatever its operation: the order of the phases, and the single way out of each trouble. */
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  workflowInfo,
} from '@temporalio/workflow';
import { workflowIdOf } from '../model/ids.ts';
import { parseRunInput, type RunInput } from '../model/input.ts';
import { savedRowsText } from '../model/outcome.ts';
import { nothingToDo, type Operation } from '../model/plan.ts';
import type { RunState } from '../model/state.ts';
import { takeChecklist } from './parts/checklist.ts';
import { endBadly, endWell } from './parts/ending.ts';
import { execute, fingerprintAfter, validate } from './parts/execution.ts';
import { outcomeFailure } from './parts/failures.ts';
import { Journal } from './parts/journal.ts';
import { claim, load } from './parts/load.ts';
import { listen } from './parts/messages.ts';
import { Notifications } from './parts/notifications.ts';
import { Run } from './parts/run.ts';
import { openWindow } from './parts/window.ts';

/**
 * Carries out an operation of a runbook on a target.
 * @returns the final state, for `done` and `up-to-date`.
 * @throws ApplicationFailure of type Rejected, Expired, Failed, Aborted, RolledBack or UndoFailed with the state in its
 * details; a cancelled run ends as cancelled, after its undo, with the state in its memo.
 */
export async function carryOut(operation: Operation, rawInput: unknown): Promise<RunState> {
  const run = begin(operation, readInput(rawInput));
  const notifications = new Notifications(run);
  run.journal.onRecord = (event) => notifications.onEvent(event);
  const work = new CancellationScope();
  listen(run.journal, { stopWork: () => work.cancel() });
  try {
    await work.run(() => forward(run, work));
  } catch (error) {
    await endBadly(run, error);
  }
  await notifications.settled();
  // The outcome is decided: a cancellation that comes now changes nothing any more.
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return conclude(run);
}

/** How the workflow ends in Temporal, by the outcome alone. */
function conclude({ journal: { state } }: Run): RunState {
  if (state.outcome === 'done' || state.outcome === 'up-to-date') return state;
  const cancelled =
    state.outcome === 'cancelled' || (state.outcome === 'rolled-back' && state.stop?.kind === 'cancelled');
  if (cancelled) throw new CancelledFailure(state.sentence ?? 'cancelled');
  throw outcomeFailure(state);
}

async function forward(run: Run, work: CancellationScope): Promise<void> {
  await load(run);
  if (nothingToDo(run.plan)) return endWell(run, { outcome: 'up-to-date', ...upToDate(run) });
  await claim(run);
  await takeChecklist(run, 'first');
  await openWindow(run, () => work.cancel());
  await execute(run);
  await validate(run);
  await fingerprintAfter(run);
  stopHereIfAsked(run, work);
  await endWell(run, { outcome: 'done', sentence: doneSentence(run) });
}

/** The last moment for an abort or a cancellation: one that came after the last activity has found nothing to cancel. */
function stopHereIfAsked({ journal }: Run, work: CancellationScope): void {
  if (work.consideredCancelled || journal.state.stop) throw new CancelledFailure('asked to stop before the end');
}

function begin(operation: Operation, input: RunInput): Run {
  const { workflowId, runId } = workflowInfo();
  const { runbook, target, requestedBy } = input;
  const expected = workflowIdOf(runbook, target);
  if (workflowId !== expected) {
    throw ApplicationFailure.nonRetryable(
      `wrong-workflow-id: this run has the workflow id "${workflowId}"; runs of ${runbook} on ${target} have "${expected}", so that no two of them can be at work at once; next: start it again with --workflow-id ${expected} --fail-existing`,
      'WrongWorkflowId',
    );
  }
  const run = new Run(
    operation,
    input,
    { runbook, target, workflowId, runId, runbookDigest: '', patience: 'give-up' },
    new Journal(),
  );
  run.journal.record({ kind: 'run-started', operation, runbook, target, workflowId, runId, requestedBy });
  return run;
}

function readInput(rawInput: unknown): RunInput {
  const parsed = parseRunInput(rawInput);
  if (parsed.ok) return parsed.value;
  throw ApplicationFailure.nonRetryable(`invalid-input: ${parsed.reason}`, 'InvalidInput');
}

function upToDate(run: Run): { sentence: string; next: string } {
  const { runbook, target } = run.input;
  if (run.operation === 'rollback') {
    return {
      sentence: `no migration of ${runbook} is applied on ${target}: nothing to roll back`,
      next: 'nothing to do',
    };
  }
  return {
    sentence: `every migration of ${runbook} is applied on ${target} already: nothing to do`,
    next: 'look at it with status and verify; reset only where a clean re-run is wanted',
  };
}

function doneSentence(run: Run): string {
  const migrations = run.plan.steps.filter((step) => step.kind === 'apply' || step.kind === 'revert').length;
  const validations = run.plan.validation.length;
  const saved = run.journal.state.saved.map(savedRowsText).join('; ');
  const counts = `${migrations} migration${migrations === 1 ? '' : 's'} done, ${validations} validation${validations === 1 ? '' : 's'} passed`;
  return saved === '' ? counts : `${counts}; rows that were dropped are in files: ${saved}`;
}
