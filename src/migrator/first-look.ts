/**
 * What a migrator of the command line asks first, in the same message in which it gets to know the server: whether it may
 * work here, what is there, and both of its locks, tried once. Whoever does not get them waits for them as ever.
 */
import pg from 'pg';
import { CLAIM_LOCK_KEY, type LockKey, migratorLockKey } from '../postgres/advisory-lock.ts';
import { type Facts, preflightSql, refuseUnfit } from '../postgres/preflight.ts';
import { CLAIMS } from './claim-table.ts';

export interface LookScope {
  readonly schemas: readonly string[];
  readonly ledgerSchema: string;
}

/** As of when the session began; the locks are held by it until somebody gives them back. */
export interface FirstLook {
  readonly hasClaimLock: boolean;
  readonly hasMigratorLock: boolean;
  /** Whether the table of claims exists; asked after the locks. */
  readonly hasClaims: boolean;
}

export function firstLookSql({ schemas, ledgerSchema }: LookScope): string {
  return `${preflightSql({ schemas, session: 'migrate' })};
select pg_try_advisory_lock_shared(${keys(CLAIM_LOCK_KEY)}) as "hasClaimLock",
       pg_try_advisory_lock(${keys(migratorLockKey(ledgerSchema))}) as "hasMigratorLock";
select to_regclass(${pg.escapeLiteral(CLAIMS)}) is not null as "hasClaims"`;
}

/** Errors: those of the preflight. */
export function firstLookIn(answers: readonly pg.QueryResult[], scope: LookScope): FirstLook {
  const [facts, locks, claims] = answers.map(({ rows }) => rows[0]);
  refuseUnfit(facts as Facts, { schemas: scope.schemas, session: 'migrate' });
  return { ...(locks as Omit<FirstLook, 'hasClaims'>), ...(claims as Pick<FirstLook, 'hasClaims'>) };
}

function keys({ classId, objectId }: LockKey): string {
  return `${classId}, ${objectId}`;
}
