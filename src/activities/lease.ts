/** Activities that keep a hold alive, and stretch it for a person. */
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

type KeepHold = RunbookActivities['keepHold'];

export async function keepRunHold(
  _deps: Dependencies,
  _input: Parameters<KeepHold>[0],
  _attempt: Attempt,
): ReturnType<KeepHold> {
  throw new TypeError('keepHold: being built');
}

type ExtendHold = RunbookActivities['extendHold'];

export async function extendRunHold(
  _deps: Dependencies,
  _input: Parameters<ExtendHold>[0],
  _attempt: Attempt,
): ReturnType<ExtendHold> {
  throw new TypeError('extendHold: being built');
}
