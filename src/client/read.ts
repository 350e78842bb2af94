/**
 * Everything that can be known of a run now: asked of a worker, and where none answers in time put together from what
 * Temporal keeps. It never waits longer than its deadlines.
 */
import type { Plan } from '../model/plan.ts';
import type { RunState } from '../model/state.ts';
import type { UndoPreview } from '../model/undo.ts';
import { within } from './calls.ts';
import { type TemporalLink, unreachable } from './connect.ts';
import { faultOf } from './faults.ts';
import { planInHistory, readClose } from './history.ts';
import { describeRun, type RunAddress, type RunDescription } from './run-description.ts';
import { stateWithoutWorker } from './state-without-worker.ts';

/** Where a state comes from: `worker` is exact, `history` is the whole final state, `memo` is as of the last change of phase. */
export type StateSource = 'worker' | 'history' | 'memo';

export interface RunRead {
  readonly state: RunState;
  readonly plan: Plan | null;
  /** null where no worker answers. */
  readonly undo: UndoPreview | null;
  readonly source: StateSource;
  readonly run: RunDescription;
}

export interface ReadOptions {
  /** How long a worker may take to answer. Default 3 s; Temporal itself would wait 29 s. */
  readonly workerTimeoutMs?: number;
}

export const WORKER_TIMEOUT_MS = 3_000;

/** Errors: `run-not-found`, `temporal-unreachable`. */
export async function readRun(link: TemporalLink, address: RunAddress, options: ReadOptions = {}): Promise<RunRead> {
  const run = await describeRun(link, address);
  return (await askWorker(link, run, options)) ?? (await readWithoutWorker(link, run));
}

async function askWorker(link: TemporalLink, run: RunDescription, options: ReadOptions): Promise<RunRead | null> {
  // A run that failed before it could say anything (wrong input, unknown type) has no state to ask for.
  if (run.closed && run.memo === null) return null;
  try {
    // The state first: while it goes unanswered the other two are not asked, and nothing is left hanging at the end.
    const state = await ask<RunState>(link, run, 'state', options);
    const plan = await ask<Plan | null>(link, run, 'plan', options);
    const undo = await ask<UndoPreview>(link, run, 'undo', options);
    // A terminated run would answer as if it were at work: only what it left says how it ended.
    if (run.closed && state.outcome === null) return null;
    return { state, plan, undo, source: 'worker', run };
  } catch (error) {
    // Whatever keeps a worker from answering, Temporal's own records are there; unless Temporal itself is not.
    if (faultOf(error, 'worker') === 'no-server') throw unreachable(link.address, 'the connection was lost', error);
    return null;
  }
}

/** One query, answered by a worker within the time or refused as gRPC's DEADLINE_EXCEEDED. */
export function ask<T>(
  link: TemporalLink,
  run: RunAddress,
  query: string,
  options: ReadOptions = {},
  ...args: unknown[]
): Promise<T> {
  const handle = link.client.workflow.getHandle(run.workflowId, run.runId);
  return within(link, options.workerTimeoutMs ?? WORKER_TIMEOUT_MS, () => handle.query<T, unknown[]>(query, ...args));
}

async function readWithoutWorker(link: TemporalLink, run: RunDescription): Promise<RunRead> {
  const close = run.closed ? await readClose(link, run) : null;
  const state = stateWithoutWorker(run, close);
  const plan = await planInHistory(link, run, state.planDigest);
  const whole = close?.kind === 'state' || (run.memo !== null && run.memo.outcome !== null);
  return { state, plan, undo: null, source: whole ? 'history' : 'memo', run };
}
