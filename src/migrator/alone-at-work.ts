/**
 * Makes sure that nobody else migrates: a plain migrator stands back where a run holds the claim, and only one migrator at a
 * time works on a ledger. Both marks are session locks, so they go with the session whatever happens to its client.
 */
import { ProblemError } from '../model/problem.ts';
import { acquireLock } from '../postgres/acquire-lock.ts';
import { CLAIM_LOCK_KEY, migratorLockKey, unlock } from '../postgres/advisory-lock.ts';
import { ownerApplicationName } from '../postgres/application-name.ts';
import { type ClaimHolder, type ClaimRow, claimHeldProblem, readClaim } from './claim.ts';
import type { FirstLook } from './first-look.ts';
import type { Work } from './work.ts';

/** Whether the run that holds a claim is still under way, as far as can be told. */
export type HolderState = 'running' | 'closed' | 'unknown';

/** Asks Temporal; given by whoever knows it. */
export type IsHolderAlive = (holder: ClaimHolder) => Promise<HolderState>;

/** How the work begins: with what the session has seen and got already, where it has. */
export interface Admission {
  readonly look: FirstLook | null;
  readonly isHolderAlive: IsHolderAlive | undefined;
}

/** A run takes its claim for longer than this only while it makes the table for it. */
const CLAIM_WAIT_MS = 10_000;

/** Errors: `claim-held`, `migrator-lock-held` (retry), `interrupted`, and those of `task`. */
export async function aloneAtWork<T>(
  work: Work,
  { look, isHolderAlive }: Admission,
  task: () => Promise<T>,
): Promise<T> {
  const plain = work.claimToken === null;
  try {
    if (plain) await standBackFromRuns(work, { look, isHolderAlive });
    if (!look?.hasMigratorLock) await takeMigratorLock(work);
    return await task();
  } finally {
    await giveLocksBack(work, plain ? 'plain' : 'run');
  }
}

/** First the lock, then the look: a run that comes in between finds the lock. */
async function standBackFromRuns(work: Work, { look, isHolderAlive }: Admission): Promise<void> {
  const { client } = work.session;
  if (!look?.hasClaimLock) {
    await acquireLock(client, { ...waiting(work), key: CLAIM_LOCK_KEY, mode: 'shared', limitMs: CLAIM_WAIT_MS });
  } else if (!look.hasClaims) return;
  const claim = await readClaim(client);
  if (!claim) return;
  if ((await stateOf(claim, isHolderAlive)) !== 'closed') throw new ProblemError(claimHeldProblem(claim));
  work.emit({ kind: 'stale-claim', holder: claim });
}

async function stateOf(claim: ClaimRow, isHolderAlive: IsHolderAlive | undefined): Promise<HolderState> {
  if (!isHolderAlive) return 'unknown';
  // Temporal out of reach proves nothing about the run.
  return isHolderAlive(claim).catch(() => 'unknown');
}

async function takeMigratorLock(work: Work): Promise<void> {
  const { attemptOf } = work.owner;
  await acquireLock(work.session.client, {
    ...waiting(work),
    key: migratorLockKey(work.ledgerSchema),
    mode: 'exclusive',
    limitMs: work.policy.migratorWaitMs,
    ...(attemptOf === undefined ? {} : { orphansNamed: ownerApplicationName(attemptOf) }),
    onWait: (holders, waitedMs) => work.emit({ kind: 'waiting-for-migrator', holders, waitedMs: Math.round(waitedMs) }),
    onOrphanEnded: (holder) => work.emit({ kind: 'orphan-ended', holder }),
  });
}

function waiting({ clock, signal }: Work) {
  return { clock, ...(signal ? { signal } : {}) };
}

/** A connection that is gone has given its locks up already. */
export async function giveLocksBack(
  { session: { client }, ledgerSchema }: Pick<Work, 'session' | 'ledgerSchema'>,
  who: 'plain' | 'run',
): Promise<void> {
  const key = migratorLockKey(ledgerSchema);
  await unlock(client, key, 'exclusive', ...(who === 'plain' ? [CLAIM_LOCK_KEY] : [])).catch(() => undefined);
}
