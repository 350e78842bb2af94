/**
 * The mark in a database that a run is at work on it. Whether the run that holds it still lives is not decided here: the
 * caller asks Temporal, and says which stale token is to be replaced.
 */
import type pg from 'pg';
import type { ClaimHolder, ClaimRow } from '../model/claim.ts';
import { isProblemError, ProblemError } from '../model/problem.ts';
import { CLAIM_LOCK_KEY, lockHolders, tryLock } from '../postgres/advisory-lock.ts';
import { describeBackend } from '../postgres/backend.ts';
import { type Clock, systemClock } from '../postgres/clock.ts';
import { ensureDrydockSchema } from '../postgres/drydock-schema.ts';
import { assertClaimSql, CLAIMS, CREATE_CLAIMS, SELECT_CLAIM } from './claim-table.ts';

export type { ClaimHolder, ClaimRow } from '../model/claim.ts';

/** `claim-held`, with the row, so that the caller may find out whether that run is over. */
export class ClaimHeldError extends ProblemError {
  readonly holder: ClaimRow;

  constructor(holder: ClaimRow) {
    super(claimHeldProblem(holder));
    this.holder = holder;
  }
}

/** The claim that stood in the way; undefined for any other error. */
export function claimHolderOf(error: unknown): ClaimRow | undefined {
  return isProblemError(error) && 'holder' in error ? (error as ClaimHeldError).holder : undefined;
}

/** The claim, or null where there is none. Creates nothing. */
export async function readClaim(client: pg.Client): Promise<ClaimRow | null> {
  const exists = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [CLAIMS]);
  if (!exists.rows[0]?.there) return null;
  const { rows } = await client.query<ClaimRow>(SELECT_CLAIM);
  return rows[0] ?? null;
}

/**
 * Takes the claim, or gives back the one this holder has. Errors: `claim-held` as ClaimHeldError (stop), `migrator-at-work`
 * (retry). The client must not be in a transaction.
 */
export function takeClaim(client: pg.Client, holder: ClaimHolder, clock: Clock = systemClock): Promise<ClaimRow> {
  return underClaimLock(client, clock, async () => {
    await ensureClaims(client);
    const present = await readClaim(client);
    if (!present) return insertClaim(client, holder);
    if (present.workflowId === holder.workflowId && present.runId === holder.runId) return present;
    throw new ClaimHeldError(present);
  });
}

/** Takes the place of a claim whose run is over, by its token. Errors: as takeClaim; `claim-held` where the token is another by now. */
export function replaceClaim(
  client: pg.Client,
  staleToken: string,
  holder: ClaimHolder,
  clock: Clock = systemClock,
): Promise<ClaimRow> {
  return underClaimLock(client, clock, async () => {
    await ensureClaims(client);
    const present = await readClaim(client);
    if (present && present.token !== staleToken) throw new ClaimHeldError(present);
    await client.query(`delete from ${CLAIMS}`);
    return insertClaim(client, holder);
  });
}

/** Gives the claim with this token up; harmless where it is gone or another's. */
export async function dropClaim(client: pg.Client, token: string): Promise<'dropped' | 'absent'> {
  const present = await readClaim(client);
  if (present?.token !== token) return 'absent';
  const sql = `begin; ${WITHOUT_STANDBYS}; delete from ${CLAIMS} where token = ${BigInt(token)}; commit`;
  const results = (await client.query(sql)) as unknown as pg.QueryResult[];
  return results[2]?.rowCount === 1 ? 'dropped' : 'absent';
}

/** For use inside a step's transaction. Fails with SQLSTATE DD001, which problemFromPg turns into `claim-lost`. */
export async function assertClaim(client: pg.ClientBase, token: string): Promise<void> {
  await client.query(assertClaimSql(token));
}

async function ensureClaims(client: pg.Client): Promise<void> {
  await ensureDrydockSchema(client);
  await client.query(CREATE_CLAIMS);
}

async function insertClaim(client: pg.Client, holder: ClaimHolder): Promise<ClaimRow> {
  await client.query(`insert into ${CLAIMS} (workflow_id, run_id, namespace, operation) values ($1, $2, $3, $4)`, [
    holder.workflowId,
    holder.runId,
    holder.namespace,
    holder.operation,
  ]);
  return (await readClaim(client))!;
}

const TRIES = 50;
const PAUSE_MS = 100;

/** Another taker holds the lock for milliseconds and is waited for; plain migrators hold it shared for as long as they work. */
/**
 * A synchronous standby that is gone would let these commits wait for ever, before the checklist could say so. A claim that a
 * failover loses is missed by the run itself: it asserts it in every step.
 */
const WITHOUT_STANDBYS = 'set local synchronous_commit = local';

async function underClaimLock(client: pg.Client, clock: Clock, work: () => Promise<ClaimRow>): Promise<ClaimRow> {
  await client.query(`begin; ${WITHOUT_STANDBYS}`);
  try {
    for (let tries = 1; !(await tryLock(client, CLAIM_LOCK_KEY, 'exclusive in transaction')); tries += 1) {
      await refuseMigratorAtWork(client, tries);
      await clock.pause(PAUSE_MS);
    }
    const row = await work();
    await client.query('commit');
    return row;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function refuseMigratorAtWork(client: pg.Client, tries: number): Promise<void> {
  const holders = await lockHolders(client, CLAIM_LOCK_KEY);
  const migrators = holders.filter((holder) => holder.mode === 'ShareLock');
  if (migrators.length === 0 && tries < TRIES) return;
  throw new ProblemError({
    code: 'migrator-at-work',
    message: 'a migrator of the command line is at work on this database',
    found: (migrators.length > 0 ? migrators : holders).map(describeBackend).join('\n'),
    expected: 'nobody else at work',
    next: 'wait until it has finished',
    retry: 'retry',
  });
}

/** The words for a claim that stands in the way. */
export function claimHeldProblem(holder: ClaimRow): ProblemError['problem'] {
  return {
    code: 'claim-held',
    message: `the ${holder.operation} ${holder.workflowId} is at work on this database`,
    found: `workflow ${holder.workflowId}, run ${holder.runId}, namespace ${holder.namespace}, since ${holder.claimedAt}`,
    expected: 'nobody else at work',
    next: `wait until it has ended, or abort it; if it is gone for good, run \`release-claim --holder ${holder.workflowId}\``,
    retry: 'stop',
  };
}
