/**
 * What a migrator of the command line asks first, in the same message in which it gets to know the server: whether it may
 * work here, what is there, and both of its locks, tried once. Whoever does not get them waits for them as ever.
 */
import pg from 'pg';
import { CLAIM_LOCK_KEY, type LockKey, migratorLockKey } from '../postgres/advisory-lock.ts';
import { type Facts, preflightSql, refuseUnfit } from '../postgres/preflight.ts';
import { CLAIMS } from './claim-table.ts';
import { type LedgerState, ledgerStateOf } from './ledger.ts';

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
  readonly ledger: LedgerState;
}

/** `greetedAs`: nothing is taken by any other backend, which is a pooler's and outlives its clients. */
export function firstLookSql({ schemas, ledgerSchema }: LookScope, greetedAs: number): string {
  const ifOurs = (lock: string) => `case when pg_backend_pid() = ${greetedAs} then ${lock} else false end`;
  return `${preflightSql({ schemas, session: 'migrate' })};
select ${ifOurs(`pg_try_advisory_lock_shared(${keys(CLAIM_LOCK_KEY)})`)} as "hasClaimLock",
       ${ifOurs(`pg_try_advisory_lock(${keys(migratorLockKey(ledgerSchema))})`)} as "hasMigratorLock";
select to_regclass(${pg.escapeLiteral(CLAIMS)}) is not null as "hasClaims", ${ledgerStateOf(ledgerSchema)} as "ledger"`;
}

/** Errors: those of the preflight. */
export function firstLookIn(answers: readonly pg.QueryResult[], scope: LookScope): FirstLook {
  const [facts, locks, tables] = answers.map(({ rows }) => rows[0]);
  refuseUnfit(facts as Facts, { schemas: scope.schemas, session: 'migrate' });
  return { ...(locks as Omit<FirstLook, 'hasClaims'>), ...(tables as Pick<FirstLook, 'hasClaims' | 'ledger'>) };
}

function keys({ classId, objectId }: LockKey): string {
  return `${classId}, ${objectId}`;
}
