/** Activities that take and drop a run's claim on the database. A claim in the way is judged by what Temporal says of its run. */
import { withSession } from '../checks/session.ts';
import {
  type ClaimHolder,
  type ClaimRow,
  claimHolderOf,
  dropClaim,
  readClaim,
  replaceClaim,
  takeClaim,
} from '../migrator/claim.ts';
import { forgetFingerprint } from '../migrator/fingerprint-store.ts';
import type { Operation } from '../model/plan.ts';
import type { Session } from '../postgres/connect.ts';
import type { Attempt } from './alive.ts';
import type { ClaimedRef, RunRef } from './contract.ts';
import { type Dependencies, groundOf } from './dependencies.ts';

export async function claimDatabase(
  deps: Dependencies,
  input: RunRef & { readonly operation: Operation },
  attempt: Attempt,
): Promise<{ token: string }> {
  const { url } = await groundOf(deps, input);
  const holder = holderFor(deps, input);
  return withSession({ url, signal: attempt.signal }, 'claim', async ({ client }) => {
    const { token } = await takeClaim(client, holder).catch((error: unknown) =>
      replaceStale(deps, client, holder, error),
    );
    return { token };
  });
}

/** Asked again after its answer was lost, it finds its own new claim and gives that token. */
export async function renewClaim(
  deps: Dependencies,
  input: ClaimedRef & { readonly operation: Operation },
  attempt: Attempt,
): Promise<{ token: string }> {
  const { url } = await groundOf(deps, input);
  const holder = holderFor(deps, input);
  return withSession({ url, signal: attempt.signal }, 'claim', async ({ client }) => {
    const { token } = await replaceClaim(client, input.token, holder).catch(async (error: unknown) => {
      const present = claimHolderOf(error);
      if (present && isOf(present, input)) return present;
      throw error;
    });
    return { token };
  });
}

/** Also forgets the run's fingerprint, unless somebody still has to compare with it. */
export async function dropRunClaim(
  deps: Dependencies,
  ref: RunRef & { readonly fingerprint: 'keep' | 'forget' },
  attempt: Attempt,
): Promise<void> {
  const { url } = await groundOf(deps, ref);
  await withSession({ url, signal: attempt.signal }, 'claim', async ({ client }) => {
    if (ref.fingerprint === 'forget') await forgetFingerprint(client, ref.runId);
    const claim = await readClaim(client);
    if (claim && isOf(claim, ref)) await dropClaim(client, claim.token);
  });
}

function holderFor(
  { namespace }: Dependencies,
  { workflowId, runId, operation }: RunRef & { readonly operation: Operation },
): ClaimHolder {
  return { workflowId, runId, operation, namespace };
}

function isOf(claim: ClaimRow, { workflowId, runId }: RunRef): boolean {
  return claim.workflowId === workflowId && claim.runId === runId;
}

async function replaceStale(
  deps: Dependencies,
  client: Session['client'],
  holder: ClaimHolder,
  error: unknown,
): Promise<ClaimRow> {
  const present = claimHolderOf(error);
  if (present && (await deps.holderState(present)) === 'closed') return replaceClaim(client, present.token, holder);
  throw error;
}
