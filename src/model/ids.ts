/** The names by which runs are found in Temporal. Public API once a history exists. */

/** The default task queue of workflows, and of activities where a target has none of its own. */
export const TASK_QUEUE = 'drydock';

/** One id for run, rollback and reset alike, so that Temporal itself keeps them apart. */
export function workflowIdOf(runbook: string, target: string): string {
  return `${runbook}/${target}`;
}

/** Workflow type per operation, as in the Temporal UI and CLI. */
export const WORKFLOW_TYPES = { run: 'runRunbook', rollback: 'rollbackRunbook', reset: 'resetRunbook' } as const;

/** The memo key that holds a run's compact state, for readers when no worker answers. */
export const STATE_MEMO = 'drydock';
