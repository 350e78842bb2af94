/**
 * What is looked at before a run is started, in this checkout: that runbook and target exist and belong together, and that a
 * reset of production is meant. A worker looks again, in its own checkout.
 */
import type { Operation } from '../../model/plan.ts';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import { listRunbooks, loadRunbook } from '../../runbook/load.ts';
import { findTarget, requireRunbookAllowed, type Target } from '../../runbook/targets.ts';

export interface StartIntent {
  readonly operation: Operation;
  readonly runbook: string;
  readonly target: string;
  /** The name of the target, typed once more. */
  readonly confirm: string | undefined;
}

/** Errors: `runbook-unknown`, `target-unknown`, `targets-invalid`, `runbook-not-allowed`, `confirmation-missing`. */
export async function checkBeforeStart(root: string, intent: StartIntent): Promise<void> {
  const runbooks = await listRunbooks(root);
  // Only for its error, which lists those there are: a worker may have runbooks where this folder has none.
  if (runbooks.length > 0 && !runbooks.includes(intent.runbook)) await loadRunbook(intent.runbook, root);
  const target = await targetOf(root, intent.target);
  if (target) requireRunbookAllowed(target, intent.runbook);
  requireConfirmation(intent, target?.view.environment ?? 'unknown here');
}

/** Where this folder has no list of targets, only a worker can tell. */
async function targetOf(root: string, name: string): Promise<Target | null> {
  try {
    return await findTarget(name, root);
  } catch (error) {
    if (isProblemError(error) && error.problem.code === 'targets-missing') return null;
    throw error;
  }
}

function requireConfirmation({ operation, runbook, target, confirm }: StartIntent, environment: string): void {
  const destructive = operation === 'reset' && (environment === 'production' || environment === 'unknown here');
  if (!destructive || confirm === target) return;
  throw new ProblemError({
    code: 'confirmation-missing',
    message: `a reset reverts every migration of ${runbook} on ${target}, and its rows go with them`,
    found: `the environment of ${target} is ${environment}; ${confirm === undefined ? 'no --confirm was given' : `--confirm says "${confirm}"`}`,
    expected: 'the name of the target, typed once more',
    next: `if it is meant: add --confirm ${target}`,
  });
}
