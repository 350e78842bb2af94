/** The runs that Temporal remembers, newest first. Reads the visibility store, which is a moment behind the truth. */
import type { RunOutcome } from '../model/event.ts';
import { WORKFLOW_TYPES } from '../model/ids.ts';
import type { Operation } from '../model/plan.ts';
import { SERVER_TIMEOUT_MS, within } from './calls.ts';
import { type TemporalLink, unreachable } from './connect.ts';
import { faultOf } from './faults.ts';
import { isClosed, operationOf, stateInMemo, type WorkflowStatus } from './run-description.ts';

export interface RunSummary {
  readonly workflowId: string;
  readonly runId: string;
  readonly runbook: string;
  readonly target: string;
  readonly operation: Operation;
  /** Temporal's word for it. */
  readonly status: WorkflowStatus;
  readonly closed: boolean;
  /** null while it is open, and where it was ended from outside. */
  readonly outcome: RunOutcome | null;
  /** `waiting for approval`, `execution`: as of the last change of phase; the outcome once there is one. */
  readonly doing: string;
  readonly requestedBy: string | null;
  readonly startedAt: string;
  readonly closedAt: string | null;
}

export interface ListFilter {
  readonly runbook?: string;
  readonly target?: string;
  readonly status?: 'open' | 'closed';
  /** Default 20. */
  readonly limit?: number;
}

/** Errors: `temporal-unreachable`. */
export async function listRuns(link: TemporalLink, filter: ListFilter = {}): Promise<readonly RunSummary[]> {
  const { limit = 20 } = filter;
  const found: RunSummary[] = [];
  try {
    await within(link, SERVER_TIMEOUT_MS, async () => {
      // Visibility gives the newest first; asking for more than is wanted would only take longer.
      for await (const info of link.client.workflow.list({ query: queryFor(filter), pageSize: 100 })) {
        const summary = summaryOf(info);
        if (matches(summary, filter)) found.push(summary);
        if (found.length >= limit) break;
      }
    });
  } catch (error) {
    if (faultOf(error, 'server') === 'no-server') throw unreachable(link.address, 'it did not answer', error);
    throw error;
  }
  return found.sort((one, other) => other.startedAt.localeCompare(one.startedAt));
}

function queryFor({ status }: ListFilter): string {
  const types = Object.values(WORKFLOW_TYPES)
    .map((type) => `'${type}'`)
    .join(', ');
  const wanted = { open: ` AND ExecutionStatus = 'Running'`, closed: ` AND ExecutionStatus != 'Running'` };
  return `WorkflowType IN (${types})${status ? wanted[status] : ''}`;
}

type Info = Parameters<typeof stateInMemo>[0] extends infer M
  ? {
      workflowId: string;
      runId: string;
      type: string;
      status: { name: WorkflowStatus };
      memo?: M;
      startTime: Date;
      closeTime?: Date;
    }
  : never;

function summaryOf(info: Info): RunSummary {
  const [runbook = '', target = ''] = info.workflowId.split('/');
  const state = stateInMemo(info.memo);
  const closed = isClosed(info.status.name);
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    runbook,
    target,
    operation: operationOf(info.type) ?? 'run',
    status: info.status.name,
    closed,
    outcome: state?.outcome ?? null,
    doing: state?.outcome ?? (closed ? info.status.name.toLowerCase() : doingOf(state)),
    requestedBy: state?.requestedBy ?? null,
    startedAt: info.startTime.toISOString(),
    closedAt: info.closeTime?.toISOString() ?? null,
  };
}

/** The compact memo carries the run's own words for it. */
function doingOf(state: ReturnType<typeof stateInMemo>): string {
  const { status } = (state ?? {}) as { status?: unknown };
  return typeof status === 'string' ? status : (state?.phase ?? 'waiting for a worker');
}

function matches(run: RunSummary, { runbook, target }: ListFilter): boolean {
  return (runbook === undefined || run.runbook === runbook) && (target === undefined || run.target === target);
}
