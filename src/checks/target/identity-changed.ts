/** Is it still the database that a run was planned for? What neither side could see is not compared. Pure. */
import type { Problem, ProblemInput } from '../../model/problem.ts';
import type { TargetIdentity } from '../../model/target.ts';
import type { ServerNow } from '../identity.ts';

/** `target-changed` where the URL leads elsewhere now, or to the same database after a failover; undefined where nothing changed. */
export function identityChanged(planned: TargetIdentity, now: ServerNow): Problem | undefined {
  const problem = difference(planned, now);
  return problem && { retry: 'stop', ...problem };
}

function difference(planned: TargetIdentity, { identity, inRecovery }: ServerNow): ProblemInput | undefined {
  if (differs(planned.systemIdentifier, identity.systemIdentifier))
    return changed('the URL leads to another server', planned, identity, ANOTHER);
  if (planned.database !== identity.database)
    return changed('the URL leads to another database', planned, identity, ANOTHER);
  if (inRecovery) return changed('the server is a replica now and takes no writes', planned, identity, DEMOTED);
  if (differs(planned.timeline, identity.timeline))
    return changed('the database was failed over to another timeline', planned, identity, FAILED_OVER);
  return undefined;
}

const differs = (before: unknown, after: unknown): boolean => before !== null && after !== null && before !== after;

const ANOTHER = 'correct the URL, then decide; to change nothing here, abort the run';
const DEMOTED = 'find out which server is the primary, let the URL lead to it, then decide';
const FAILED_OVER =
  'what was committed before the failover may be missing: run `status` and compare with what this run has done, then decide';

function changed(message: string, planned: TargetIdentity, identity: TargetIdentity, next: string): ProblemInput {
  return { code: 'target-changed', message, found: describe(identity), expected: describe(planned), next };
}

function describe({ systemIdentifier, database, timeline }: TargetIdentity): string {
  return `system ${systemIdentifier ?? 'not visible'}, database ${database}, timeline ${timeline ?? 'not visible'}`;
}
