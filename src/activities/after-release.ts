/** Activities around the return of traffic: statistics before it, a watch after it. */

import { analyzeTables } from '../checks/after/analyze.ts';
import { watchAfterRelease } from '../checks/after/watch.ts';
import { fact } from '../checks/outcome.ts';
import { reconnect } from '../drain/pgbouncer/reconnect.ts';
import type { CheckOutcome, Evidence, StepOutcome } from '../model/outcome.ts';
import { problemFromPg } from '../postgres/problem-from-pg.ts';
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import { type Dependencies, type Ground, groundOf } from './dependencies.ts';
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
  if (policy === undefined) return notAsked();
  const reconnected = await reconnectPools(ground);
  const outcome = await watchAfterRelease(context, policy);
  return { ...outcome, evidence: [...reconnected, ...outcome.evidence] };
}

/** A pooler that cannot be asked is told of and is no reason not to watch. */
async function reconnectPools({ target, secret }: Ground): Promise<readonly Evidence[]> {
  try {
    const lines = await reconnect({ target: target.view, secret });
    return lines.length === 0 ? [] : [fact('pools reconnected', lines.join('\n'))];
  } catch (error) {
    return [fact('pools reconnected', `no: ${problemFromPg(error, { doing: 'RECONNECT' }).message}`)];
  }
}

function notAsked(): CheckOutcome {
  const measuredAt = new Date().toISOString();
  return { status: 'passed', summary: 'the target asks for no watch', evidence: [], measuredAt };
}
