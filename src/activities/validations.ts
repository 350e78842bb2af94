/** Activities that look: checklist items, the status steps of an execution, validations. A failing look is a value. */

import type { CheckContext } from '../checks/context.ts';
import { runCheck } from '../checks/registry.ts';
import { withSession } from '../checks/session.ts';
import { checkStatus } from '../checks/status-step.ts';
import { runValidation } from '../checks/validation.ts';
import { lookAtEach } from '../drain/consumers/look-at-each.ts';
import type { CheckOutcome } from '../model/outcome.ts';
import type { Operation, PlannedMigration } from '../model/plan.ts';
import { ProblemError } from '../model/problem.ts';
import type { Attempt } from './alive.ts';
import type { RunRef } from './contract.ts';
import { type Dependencies, type Ground, groundOf } from './dependencies.ts';

/** What every check is given, from a run's ground. */
export function checkContext(
  deps: Dependencies,
  { loaded, target, url, secret }: Ground,
  { signal, progress }: Attempt,
): CheckContext {
  return {
    url,
    secret,
    askConsumers: lookAtEach,
    target: target.view,
    runbook: loaded.definition,
    root: deps.root,
    signal,
    onProgress: progress,
  };
}

export async function runChecklistItem(
  deps: Dependencies,
  input: RunRef & { readonly item: string; readonly forOperation: Operation },
  attempt: Attempt,
): Promise<CheckOutcome> {
  const ground = await groundOf(deps, input);
  const item = ground.loaded.definition.checklist.find(({ id }) => id === input.item);
  if (!item)
    throw new ProblemError({
      code: 'checklist-item-unknown',
      message: `the runbook has no checklist item "${input.item}"`,
    });
  return runCheck(checkContext(deps, ground, attempt), item.spec);
}

export async function checkRunStatus(
  deps: Dependencies,
  input: RunRef & { readonly expect: 'before' | 'after'; readonly pending: readonly PlannedMigration[] },
  attempt: Attempt,
): Promise<CheckOutcome> {
  const ground = await groundOf(deps, input);
  const { expect, pending } = input;
  return checkStatus(checkContext(deps, ground, attempt), { expect, pending });
}

export async function validateRun(
  deps: Dependencies,
  input: RunRef & { readonly item: string },
  attempt: Attempt,
): Promise<CheckOutcome> {
  const { loaded, url } = await groundOf(deps, input);
  const item = loaded.statements(input.item);
  return withSession({ url, signal: attempt.signal }, `validate:${item.id}`, ({ client }) =>
    runValidation(client, item),
  );
}
