/** Activities around the return of traffic: statistics before it, a watch after it. */
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

type AnalyzeTables = RunbookActivities['analyzeTables'];

export async function analyzeRunTables(
  _deps: Dependencies,
  _input: Parameters<AnalyzeTables>[0],
  _attempt: Attempt,
): ReturnType<AnalyzeTables> {
  throw new TypeError('analyzeTables: being built');
}

type WatchAfterRelease = RunbookActivities['watchAfterRelease'];

export async function watchAfterRunRelease(
  _deps: Dependencies,
  _input: Parameters<WatchAfterRelease>[0],
  _attempt: Attempt,
): ReturnType<WatchAfterRelease> {
  throw new TypeError('watchAfterRelease: being built');
}
