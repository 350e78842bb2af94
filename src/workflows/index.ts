/** The workflow types of a worker. Their names and inputs are public API once a history exists. */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { WORKFLOW_TYPES } from '../model/ids.ts';
import type { RunState } from '../model/state.ts';
import { carryOut } from './carry-out.ts';

/** Applies every pending migration of a runbook: checklist, approval, drain, migrations, seeds, validation. */
export async function runRunbook(input?: unknown): Promise<RunState> {
  return carryOut('run', input);
}

/** Reverts the most recent migration, or clears one that stopped half way. */
export async function rollbackRunbook(input?: unknown): Promise<RunState> {
  return carryOut('rollback', input);
}

/** Reverts every migration and applies all again. */
export async function resetRunbook(input?: unknown): Promise<RunState> {
  return carryOut('reset', input);
}

/** Any other type name: without this, Temporal would retry the first task of such a workflow for ever. */
export default async function unknownWorkflowType(): Promise<never> {
  const known = Object.values(WORKFLOW_TYPES).join(', ');
  throw ApplicationFailure.nonRetryable(
    `unknown-workflow-type: there is no workflow type "${workflowInfo().workflowType}"; found instead: ${known}; next: start it again with --type ${WORKFLOW_TYPES.run}`,
    'UnknownWorkflowType',
  );
}
