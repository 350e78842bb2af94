/** What going back would do and lose, for `rollback --dry-run`, `to --dry-run` on the way down and `redo --dry-run`. */
import { type BackRequest, dryRunBack } from '../migrator/dry-run-back.ts';
import { dryRunBackText } from '../report/migrator/dry-run-back-text.ts';
import type { Answer, Call } from './command.ts';

export interface BackShown {
  readonly request: BackRequest;
  readonly allowDataLoss: boolean | undefined;
}

/** Errors: those of `dryRunBack`; those of a migrator that starts to work, such as `claim-held`. */
export async function showDryRunBack(call: Call, { request, allowDataLoss }: BackShown): Promise<Answer> {
  const migrator = await call.migrator();
  const run = await migrator.alone((work, files) => dryRunBack(work, files, request));
  return { json: run, text: dryRunBackText(run, allowDataLoss ? 'dropped unsaved' : 'saved') };
}
