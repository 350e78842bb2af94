/** The activity that tells people about a turn of a run. */
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

type Notify = RunbookActivities['notify'];

export async function notifyAboutRun(
  _deps: Dependencies,
  _input: Parameters<Notify>[0],
  _attempt: Attempt,
): ReturnType<Notify> {
  throw new TypeError('notify: being built');
}
