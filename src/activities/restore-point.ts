/** The activity that marks, in the WAL, the moment before the first change. */
import { activityInfo } from '@temporalio/activity';
import {
  restorePointEvidence,
  restorePointName,
  restorePointSummary,
  writeRestorePoint,
} from '../checks/backups/restore-point.ts';
import { withSession } from '../checks/session.ts';
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import { type Dependencies, groundOf } from './dependencies.ts';
import { timed } from './steps.ts';

type WriteRestorePoint = RunbookActivities['writeRestorePoint'];

/** The same name again where it is retried: a recovery stops at the first, and nothing was changed between them. */
export async function writeRunRestorePoint(
  deps: Dependencies,
  input: Parameters<WriteRestorePoint>[0],
  { signal }: Attempt,
): ReturnType<WriteRestorePoint> {
  const { url } = await groundOf(deps, input);
  const name = restorePointName(input.runbook, input.runId);
  return timed(() =>
    withSession({ url, signal }, 'restore-point', async ({ client }) => {
      const point = await writeRestorePoint(client, name);
      return { summary: restorePointSummary(point), evidence: restorePointEvidence(point, activityInfo().attempt) };
    }),
  );
}
