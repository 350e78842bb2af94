/** Which code looks at a checklist item, by its kind, and what becomes of an answer that could not be had. */
import { assertNever } from '../model/assert-never.ts';
import type { CheckOutcome } from '../model/outcome.ts';
import { isProblemError, type Problem } from '../model/problem.ts';
import type { CheckSpec } from '../model/runbook.ts';
import { problemFromPg } from '../postgres/problem-from-pg.ts';
import { checkLogicalBackup, checkPitrBackup } from './backups/prove-backup.ts';
import type { CheckContext } from './context.ts';
import { checkDryRun } from './dry-run.ts';
import { checkDumpArchives } from './dump-archives.ts';
import { checkEnvironment } from './environment.ts';
import { failed } from './outcome.ts';
import { checkPrimary } from './primary.ts';
import { checkRehearsal } from './rehearsal.ts';
import { checkReplicaLag } from './replica-lag.ts';
import { checkTrafficNow } from './traffic-now.ts';
import { checkWalArchiving } from './wal-archiving.ts';

/**
 * Looks at one item of a checklist. A problem that a person has to mend (`stop`) is a failed outcome, whatever raised it.
 * Thrown: what passes by itself (`retry`: connection lost, server starting), so that it is tried again, and `interrupted`.
 * The check `primary` answers with an outcome even then: whether the database can be reached is its question.
 */
export async function runCheck(context: CheckContext, spec: CheckSpec): Promise<CheckOutcome> {
  try {
    return await dispatch(context, spec);
  } catch (error) {
    const problem = problemOf(error, spec);
    if (problem.retry === 'retry') throw error;
    return failed(context, problem, []);
  }
}

function dispatch(context: CheckContext, spec: CheckSpec): Promise<CheckOutcome> {
  switch (spec.kind) {
    case 'primary':
      return checkPrimary(context, spec);
    case 'environment':
      return checkEnvironment(context, spec);
    case 'dump-archives':
      return checkDumpArchives(context, spec);
    case 'wal-archiving':
      return checkWalArchiving(context, spec);
    case 'logical-backup':
      return checkLogicalBackup(context, spec);
    case 'pitr-backup':
      return checkPitrBackup(context, spec);
    case 'replica-lag':
      return checkReplicaLag(context, spec);
    case 'dry-run':
      return checkDryRun(context, spec);
    case 'rehearsal':
      return checkRehearsal(context, spec);
    case 'quiet':
      return checkTrafficNow(context, spec);
    default:
      return assertNever(spec);
  }
}

function problemOf(error: unknown, { kind }: CheckSpec): Problem {
  return isProblemError(error)
    ? error.problem
    : problemFromPg(error, { doing: `the check ${kind}`, code: 'check-failed' });
}
