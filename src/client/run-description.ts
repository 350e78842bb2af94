/** What Temporal itself knows of a run, whether or not a worker answers: status, memo, and the activities under way. */
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { STATE_MEMO, WORKFLOW_TYPES } from '../model/ids.ts';
import type { Operation } from '../model/plan.ts';
import type { RunState } from '../model/state.ts';
import { askServer } from './calls.ts';
import type { TemporalLink } from './connect.ts';

/** Which run: without `runId` the latest of its workflow id. */
export interface RunAddress {
  readonly workflowId: string;
  readonly runId?: string;
}

/** How Temporal ended a workflow, or `RUNNING`. */
export type WorkflowStatus = WorkflowExecutionDescription['status']['name'];

/** An activity that was scheduled and has not ended. */
export interface PendingActivity {
  readonly name: string;
  /** The one that runs or waits, counted from 1. */
  readonly attempt: number;
  readonly state: 'scheduled' | 'started' | 'stopping';
  /** The last failure of an attempt, one line. */
  readonly lastFailure: string | null;
}

export interface RunDescription {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly status: WorkflowStatus;
  readonly closed: boolean;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly closedAt: string | null;
  /** The state in the memo: compact while the run is open (items without evidence), whole once it has ended. */
  readonly memo: RunState | null;
  readonly pending: readonly PendingActivity[];
}

/** Errors: `run-not-found`, `temporal-unreachable`. */
export async function describeRun(link: TemporalLink, { workflowId, runId }: RunAddress): Promise<RunDescription> {
  const handle = link.client.workflow.getHandle(workflowId, runId);
  const found = await askServer(link, workflowId, () => handle.describe());
  return {
    workflowId,
    runId: found.runId,
    workflowType: found.type,
    taskQueue: found.taskQueue,
    status: found.status.name,
    closed: isClosed(found.status.name),
    startedAt: found.startTime.toISOString(),
    closedAt: found.closeTime?.toISOString() ?? null,
    memo: stateInMemo(found.memo),
    pending: pendingOf(found),
  };
}

export function isClosed(status: WorkflowStatus): boolean {
  return status !== 'RUNNING' && status !== 'PAUSED';
}

/** The state that a run keeps in its memo; null where there is none yet, or one of another schema. */
export function stateInMemo(memo: Record<string, unknown> | undefined): RunState | null {
  const state = memo?.[STATE_MEMO] as Partial<RunState> | undefined;
  return state?.schema === 1 && typeof state.workflowId === 'string' ? (state as RunState) : null;
}

/** The operation of a workflow type; null for one that is not ours. */
export function operationOf(workflowType: string): Operation | null {
  const known = Object.entries(WORKFLOW_TYPES).find(([, type]) => type === workflowType);
  return known ? (known[0] as Operation) : null;
}

// As in temporal.api.enums.v1.PendingActivityState.
const STATES = { 1: 'scheduled', 2: 'started', 3: 'stopping' } as const;

function pendingOf(found: WorkflowExecutionDescription): PendingActivity[] {
  return (found.raw.pendingActivities ?? []).map(({ activityType, attempt, state, lastFailure }) => ({
    name: activityType?.name ?? 'unknown',
    attempt: attempt ?? 1,
    state: STATES[state as keyof typeof STATES] ?? 'scheduled',
    lastFailure: lastFailure?.message ? (lastFailure.message.split('\n')[0] ?? null) : null,
  }));
}
