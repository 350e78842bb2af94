/** One run from start to end, whatever its operation: the order of the phases, and the single way out of each trouble. */
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import { workflowIdOf } from '../model/ids.ts';
import { parseRunInput, type RunInput } from '../model/input.ts';
import { nothingToDo, type Operation } from '../model/plan.ts';
import type { RunState } from '../model/state.ts';
import { takeChecklist } from './parts/checklist.ts';
import { endBadly, endWell } from './parts/ending.ts';
import { execute, fingerprintAfter, validate } from './parts/execution.ts';
import { outcomeFailure } from './parts/failures.ts';
import { Journal } from './parts/journal.ts';
import { claim, load } from './parts/load.ts';
import { listen } from './parts/messages.ts';
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
  const work = new CancellationScope();
  listen(run.journal, { stopWork: () => work.cancel() });
  try {
    await work.run(() => forward(run));
  } catch (error) {
    await endBadly(run, error);
    await condition(allHandlersFinished);
    if (run.journal.state.outcome === 'cancelled' || wasCancelled(run, error)) throw error;
    throw outcomeFailure(run.journal.state);
  }
  await condition(allHandlersFinished);
  return run.journal.state;
}

/** A cancelled run that was rolled back is still a cancelled workflow; an aborted one is a failed one. */
function wasCancelled(run: Run, error: unknown): boolean {
  return (
    run.journal.state.outcome === 'rolled-back' && run.journal.state.stop?.kind === 'cancelled' && isCancellation(error)
  );
}

async function forward(run: Run): Promise<void> {
  await load(run);
  if (nothingToDo(run.plan)) return endWell(run, { outcome: 'up-to-date', ...upToDate(run) });
  await claim(run);
  await takeChecklist(run, 'first');
  await openWindow(run);
  await execute(run);
  await validate(run);
  await fingerprintAfter(run);
  await endWell(run, { outcome: 'done', sentence: doneSentence(run) });
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
  const run = new Run(operation, input, { runbook, target, workflowId, runId, runbookDigest: '' }, new Journal());
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
  return `${migrations} migration${migrations === 1 ? '' : 's'} done, ${validations} validation${validations === 1 ? '' : 's'} passed`;
}
