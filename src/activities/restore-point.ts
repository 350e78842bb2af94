/** The activity that marks, in the WAL, the moment before the first change. */
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

type WriteRestorePoint = RunbookActivities['writeRestorePoint'];

export async function writeRunRestorePoint(
  _deps: Dependencies,
  _input: Parameters<WriteRestorePoint>[0],
  _attempt: Attempt,
): ReturnType<WriteRestorePoint> {
  throw new TypeError('writeRestorePoint: being built');
}
