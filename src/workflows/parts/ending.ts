/** How a run ends: which outcome, in which words, and what is let go of on every path. */
import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import type { RunOutcome } from '../../model/event.ts';
import { WORKFLOW_TYPES } from '../../model/ids.ts';
import { savedRowsText } from '../../model/outcome.ts';
import type { Problem } from '../../model/problem.ts';
import { problemOf } from './failures.ts';
import { letGoOfAll } from './letting-go.ts';
import { EXPIRED, type Run } from './run.ts';
import { undoAll } from './undo.ts';

interface Ending {
  readonly outcome: RunOutcome;
  readonly sentence: string;
  readonly problem?: Problem;
  readonly next?: string;
}

/** The end of a run whose every step passed. */
export async function endWell(run: Run, ending: Ending): Promise<void> {
  await CancellationScope.nonCancellable(() => letGoAndReport(run, ending));
}

/** The end of a run that was stopped: undo what was begun, let go, report. Shielded from any further cancellation. */
export async function endBadly(run: Run, error: unknown): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    const stopped = reasonOf(run, error);
    if (run.journal.registered.length === 0) return letGoAndReport(run, nothingChanged(run, stopped));
    const undoProblem = await undoAll(run, stopped.sentence);
    return letGoAndReport(run, undone(run, stopped, undoProblem));
  });
}

interface Stopped {
  readonly outcome: Exclude<RunOutcome, 'done' | 'up-to-date' | 'rolled-back' | 'undo-failed'>;
  readonly sentence: string;
  readonly problem?: Problem;
}

function reasonOf(run: Run, error: unknown): Stopped {
  const { stop } = run.journal.state;
  if (stop?.kind === 'aborted') return { outcome: 'aborted', sentence: `aborted by ${stop.by}: ${stop.reason}` };
  if (run.lost) return failedWith(run, run.lost);
  if (stop?.kind === 'rejected') return { outcome: 'rejected', sentence: `rejected by ${stop.by}: ${stop.reason}` };
  if (isCancellation(error)) {
    run.journal.record({ kind: 'cancel-asked' });
    return { outcome: 'cancelled', sentence: 'cancelled through Temporal' };
  }
  if (error instanceof ApplicationFailure && error.type === EXPIRED)
    return { outcome: 'expired', sentence: error.message };
  return failedWith(run, problemOf(error));
}

function failedWith(run: Run, cause: Problem): Stopped {
  const problem = run.explained(cause);
  return { outcome: 'failed', sentence: `${problem.code}: ${problem.message}`, problem };
}

function nothingChanged(run: Run, stopped: Stopped): Ending {
  const next = stopped.problem?.next ?? `when it is wanted after all, start it again: ${startCommand(run)}`;
  const begun = run.journal.state.items.some(({ phase, attempts }) => phase === 'execution' && attempts > 0);
  const what = begun && run.plan.ledger.unfinished ? UNFINISHED_CLEARED : 'nothing was changed';
  return { ...stopped, sentence: `${stopped.sentence}; ${what}`, next };
}

// The clearing of a half is the one step that has no undo.
const UNFINISHED_CLEARED = 'what was cleared of the unfinished migration stays cleared: look at status';

/** The schema came back, the rows did not: whoever reads the verdict has to know, in the verdict. */
function lostRows({ journal: { state } }: Run): string {
  if (state.saved.length === 0) return '';
  return `, but rows that were dropped are in files, not in the tables: ${state.saved.map(savedRowsText).join('; ')}`;
}

function undone(run: Run, stopped: Stopped, undoProblem: Problem | null): Ending {
  if (undoProblem) {
    return {
      outcome: 'undo-failed',
      sentence: `${stopped.sentence}; and the undo did not end well: ${undoProblem.message}`,
      problem: undoProblem,
      next: undoProblem.next ?? 'read the report; mend by hand, or roll back with the command line',
    };
  }
  const problem = stopped.problem ? { problem: stopped.problem } : {};
  const next = stopped.problem?.next ?? `when the cause is mended, start it again: ${startCommand(run)}`;
  return {
    outcome: 'rolled-back',
    sentence: `${stopped.sentence}; everything was undone, the schema is as before${lostRows(run)}`,
    ...problem,
    next,
  };
}

/** The command that starts this very run again; `--fail-existing`, or Temporal would answer a second start with success. */
function startCommand(run: Run): string {
  const { runbook, target } = run.input;
  const input = JSON.stringify({ runbook, target, requestedBy: '<you>' });
  return `temporal workflow start --fail-existing --type ${WORKFLOW_TYPES[run.operation]} --task-queue drydock --workflow-id ${runbook}/${target} --input '${input}'`;
}

async function letGoAndReport(run: Run, ending: Ending): Promise<void> {
  const letGo = await letGoOfAll(run, ending.outcome);
  const whole = letGo.length > 0 ? { ...ending, sentence: `${ending.sentence}; but ${letGo.join(' and ')}` } : ending;
  run.journal.record({ kind: 'finished', ...whole });
  await report(run);
}

/** A report that cannot be written never changes how a run ended; the state says the same. */
async function report(run: Run): Promise<void> {
  const { state, events, plan } = run.journal;
  try {
    const { files } = await run.perform('writeReport', 'report', 'Write the report', {
      ref: run.ref,
      state,
      events,
      plan,
    });
    run.journal.record({ kind: 'report-written', files });
  } catch {
    run.journal.record({ kind: 'report-written', files: [] });
  }
}
