/** Activities of the drain window: hold traffic, prove that it is quiet, let it back in. */

import { checkQuiet } from '../checks/quiet.ts';
import { requireStopped } from '../drain/consumers/still-stopped.ts';
import type { HoldContext } from '../drain/hold.ts';
import { holdNotes } from '../drain/lease/notes.ts';
import { holdFor } from '../drain/registry.ts';
import type { CheckOutcome, StepOutcome } from '../model/outcome.ts';
import { ProblemError } from '../model/problem.ts';
import { needsLease } from '../model/target.ts';
import type { Attempt } from './alive.ts';
import type { ClaimedRef } from './contract.ts';
import { type Dependencies, type Ground, groundOf } from './dependencies.ts';
import { endLeaseOfNothing, ensureLease, requireRunLease } from './hold-lease.ts';
import { timed } from './steps.ts';
import { checkContext } from './validations.ts';

export async function holdTraffic(deps: Dependencies, ref: ClaimedRef, attempt: Attempt): Promise<StepOutcome> {
  const ground = await groundOf(deps, ref);
  return timed(async () => {
    if (needsLease(ground.target.view)) await ensureLease(deps, ground, ref);
    const outcome = await holdFor(ground.target.view.drain).hold(holdContext(deps, ground, ref, attempt));
    if (outcome.kind === 'refused') throw new ProblemError(outcome.problem);
    return { summary: outcome.how, evidence: outcome.evidence };
  });
}

export async function releaseTraffic(deps: Dependencies, ref: ClaimedRef, attempt: Attempt): Promise<StepOutcome> {
  const ground = await groundOf(deps, ref);
  return timed(async () => {
    const { how, evidence } = await holdFor(ground.target.view.drain).release(holdContext(deps, ground, ref, attempt));
    if (needsLease(ground.target.view)) await endLeaseOfNothing(ground, ref);
    return { summary: how, evidence };
  });
}

export async function proveRunQuiet(
  deps: Dependencies,
  input: ClaimedRef & { readonly drainMs: number; readonly drainTimeoutMs: number },
  attempt: Attempt,
): Promise<CheckOutcome> {
  const ground = await groundOf(deps, input);
  const { drainMs, drainTimeoutMs } = input;
  const window = { ...ground.loaded.definition.window, drainMs, drainTimeoutMs };
  return checkQuiet({ ...checkContext(deps, ground, attempt), window }, { kind: 'quiet' });
}

export function holdContext(
  deps: Dependencies,
  ground: Ground,
  { workflowId, runId, token }: ClaimedRef,
  attempt: Attempt,
): HoldContext {
  const owner = { workflowId, runId, token };
  const { url, secret } = ground;
  return { ...checkContext(deps, ground, attempt), owner, secret, notes: holdNotes(url, owner) };
}

/**
 * Before a step: is traffic still away, and does what was paused still say that it has stopped? Where either came back, the step is
 * tried again for minutes before the run is undone, so that a straggler does not cost the whole window.
 * Errors: that of the hold, `consumer-not-stopped` and those of a consumer that does not answer, as ones to be tried again; `hold-lost`,
 * for good.
 */
export async function requireHeld(
  deps: Dependencies,
  ground: Ground,
  ref: ClaimedRef,
  attempt: Attempt,
): Promise<void> {
  const noted = needsLease(ground.target.view) ? await requireRunLease(ground, ref) : [];
  const context = holdContext(deps, ground, ref, attempt);
  const outcome = await holdFor(ground.target.view.drain).held(context);
  if (outcome.kind === 'broken') throw new ProblemError({ ...outcome.problem, retry: 'retry' });
  await requireStopped(context, noted);
}
