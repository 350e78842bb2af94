/** Starts a run: input judged before it is sent, one run per runbook and target, and a second start refused by name. */
import { WORKFLOW_TYPES, workflowIdOf } from '../model/ids.ts';
import { parseRunInput } from '../model/input.ts';
import type { Operation } from '../model/plan.ts';
import { ProblemError } from '../model/problem.ts';
import { SERVER_TIMEOUT_MS, within } from './calls.ts';
import { type TemporalLink, unreachable } from './connect.ts';
import { faultOf } from './faults.ts';
import { describeRun, type RunDescription } from './run-description.ts';

/** As the workflow reads it: durations are texts such as `5m`; what is left out is the runbook's and the target's. */
export interface StartInput {
  readonly runbook: string;
  readonly target: string;
  readonly requestedBy: string;
  /** The target's name, for a reset of a production. */
  readonly confirm?: string;
  readonly approvalTimeout?: string;
  readonly drain?: string;
  readonly drainTimeout?: string;
}

export interface StartedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
}

/**
 * Starts `operation` on the task queue that workers of this project serve.
 * Errors: `input-invalid`, `run-exists` (one of any operation is at work there), `temporal-unreachable`.
 */
export async function startRun(
  link: TemporalLink,
  {
    operation,
    input,
    taskQueue,
  }: { readonly operation: Operation; readonly input: StartInput; readonly taskQueue: string },
): Promise<StartedRun> {
  const parsed = parseRunInput(input);
  if (!parsed.ok) throw new ProblemError({ code: 'input-invalid', message: parsed.reason });
  const workflowId = workflowIdOf(parsed.value.runbook, parsed.value.target);
  const workflowType = WORKFLOW_TYPES[operation];
  try {
    const handle = await within(link, SERVER_TIMEOUT_MS, () =>
      link.client.workflow.start(workflowType, {
        workflowId,
        taskQueue,
        args: [input],
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: `${operation} ${input.runbook} on ${input.target}, asked for by ${input.requestedBy}`,
      }),
    );
    return { workflowId, runId: handle.firstExecutionRunId, workflowType };
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError') {
      throw runExists(await describeRun(link, { workflowId }));
    }
    if (faultOf(error, 'server') === 'no-server') throw unreachable(link.address, 'it did not take the start', error);
    throw error;
  }
}

function runExists({ workflowId, workflowType, runId, startedAt }: RunDescription): ProblemError {
  return new ProblemError({
    code: 'run-exists',
    message: `a run of ${workflowId} is at work already`,
    found: `workflow type ${workflowType}, run ${runId}, started ${startedAt}`,
    expected: 'one run at a time on a target, whatever its operation',
    next: `pnpm tsx src/cli/drydock.ts watch ${workflowId}`,
  });
}
