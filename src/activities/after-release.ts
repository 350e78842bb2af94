/** Activities around the return of traffic: statistics before it, a watch after it. */

import { analyzeTables } from '../checks/after/analyze.ts';
import { watchAfterRelease } from '../checks/after/watch.ts';
import type { CheckOutcome, StepOutcome } from '../model/outcome.ts';
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import { type Dependencies, groundOf } from './dependencies.ts';
import { timed } from './steps.ts';
import { checkContext } from './validations.ts';

type AnalyzeTables = RunbookActivities['analyzeTables'];

export async function analyzeRunTables(
  deps: Dependencies,
  input: Parameters<AnalyzeTables>[0],
  attempt: Attempt,
): Promise<StepOutcome> {
  const context = checkContext(deps, await groundOf(deps, input), attempt);
  return timed(() => analyzeTables(context));
}

type WatchAfterRelease = RunbookActivities['watchAfterRelease'];

export async function watchAfterRunRelease(
  deps: Dependencies,
  input: Parameters<WatchAfterRelease>[0],
  attempt: Attempt,
): Promise<CheckOutcome> {
  const ground = await groundOf(deps, input);
  const context = checkContext(deps, ground, attempt);
  const policy = ground.target.view.afterRelease;
  if (policy) return watchAfterRelease(context, policy);
  const measuredAt = new Date().toISOString();
  return { status: 'passed', summary: 'the target asks for no watch', evidence: [], measuredAt };
}
