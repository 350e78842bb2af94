/** The lease that a run holds under: taken before anything is touched, with its guard beside it, and ended with the last thing let go. */
import type { HeldThing } from '../drain/held-thing.ts';
import { withHoldSession } from '../drain/lease/hold-session.ts';
import { endLease, type LeaseOwner, type LeaseRow, renewLease, requireLease, takeLease } from '../drain/lease/lease.ts';
import { notedThings } from '../drain/lease/notes.ts';
import { ensureGuard, wakeGuard } from '../guard/start-guard.ts';
import { assertClaim } from '../migrator/claim.ts';
import { leaseMsOf } from '../model/drain.ts';
import { isProblemError } from '../model/problem.ts';
import type { ClaimedRef } from './contract.ts';
import type { Dependencies, Ground } from './dependencies.ts';

/** How often a lease is renewed within its time: the shortest one, 10 s, has 8 s left at least when its worker dies, which is noticed after 5 s. */
export const RENEWALS = 5;

/**
 * The lease of this run, renewed or taken, and a guard of it on this machine. Before every note, by whoever holds something.
 * Errors: `hold-lost`, `hold-taken-by-other` and `hold-being-let-go` (retry), `claim-lost`, `guard-not-started` (retry).
 */
export async function ensureLease(deps: Dependencies, ground: Ground, ref: ClaimedRef): Promise<LeaseRow> {
  const owner = leaseOwner(deps, ground, ref);
  const leaseMs = leaseMsOf(ground.target.view.drain);
  const row = await withHoldSession(ground, (client) => renewOrTake(client, owner, leaseMs));
  await guardHold(deps, ground, owner);
  return row;
}

/** Where nothing is noted any more, the lease is over. Harmless otherwise, and never a reason to fail. */
export async function endLeaseOfNothing({ url, target }: Ground, ref: ClaimedRef): Promise<void> {
  const done = await withHoldSession({ url }, (client) => endLease(client, ref, 'run')).catch(() => undefined);
  if (done === 'ended') await wakeGuard(target.view.name, ref.runId);
}

/** Gives what is noted under it. Error: `hold-lost`. */
export async function requireRunLease({ url }: Pick<Ground, 'url'>, ref: ClaimedRef): Promise<readonly HeldThing[]> {
  return withHoldSession({ url }, async (client) => {
    // In this order: whoever lets go says so before the first note goes.
    const noted = await notedThings(client, ref);
    await requireLease(client, ref);
    return noted;
  });
}

/**
 * One on this machine, whoever took the lease, which is renewed meanwhile: a busy machine may take longer to start a guard than a
 * short lease lasts. Error: `guard-not-started`.
 */
export async function guardHold(
  { root }: Dependencies,
  ground: Ground,
  { workflowId, runId, token }: ClaimedRef | LeaseOwner,
): Promise<void> {
  const { target, url, secret } = ground;
  const leaseMs = leaseMsOf(target.view.drain);
  const owner = { workflowId, runId, token };
  const renew = () => withHoldSession(ground, (client) => renewLease(client, owner, leaseMs)).catch(() => undefined);
  const renewing = setInterval(() => void renew(), leaseMs / RENEWALS);
  try {
    await ensureGuard({ target: target.view, url, secret, root, owner });
  } finally {
    clearInterval(renewing);
  }
}

type Client = Parameters<typeof takeLease>[0];

/** Only a run whose claim stands may take one: an attempt that slept through the end of its run does not begin to hold. */
async function renewOrTake(client: Client, owner: LeaseOwner, leaseMs: number): Promise<LeaseRow> {
  try {
    return await renewLease(client, owner, leaseMs);
  } catch (error) {
    if (!isProblemError(error) || error.problem.code !== 'hold-lost') throw error;
    return takeLease(client, owner, leaseMs, () => assertClaim(client, owner.token));
  }
}

function leaseOwner(
  { namespace }: Dependencies,
  { target }: Ground,
  { workflowId, runId, token }: ClaimedRef,
): LeaseOwner {
  return { workflowId, runId, token, namespace, target: target.view.name };
}
