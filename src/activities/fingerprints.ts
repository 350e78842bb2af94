/** Activities that take the schema's fingerprint: the one to come back to, and the comparison with it. */
import type pg from 'pg';
import { withSession } from '../checks/session.ts';
import { assertClaim } from '../migrator/claim.ts';
import { diffFingerprints, type Fingerprint, fingerprint } from '../migrator/fingerprint.ts';
import { readFingerprint, storeFingerprint } from '../migrator/fingerprint-store.ts';
import { ProblemError } from '../model/problem.ts';
import type { Attempt } from './alive.ts';
import type { ClaimedRef, FingerprintCompared, FingerprintTaken } from './contract.ts';
import { type Dependencies, type Ground, groundOf } from './dependencies.ts';

/** More differences than this say that everything is different; the report is for people. */
const MOST_DIFFERENCES = 50;

export async function storeRunFingerprint(
  deps: Dependencies,
  ref: ClaimedRef,
  attempt: Attempt,
): Promise<FingerprintTaken> {
  const ground = await groundOf(deps, ref);
  return withSession({ url: ground.url, signal: attempt.signal }, 'fingerprint', async ({ client }) => {
    // Also says that this is the very database of the run: another one holds another claim, or none.
    await assertClaim(client, ref.token);
    const stored = await storeFingerprint(client, ref.runId, await take(client, ground));
    return { digest: stored.digest, objects: stored.objects.length };
  });
}

export async function compareRunFingerprint(
  deps: Dependencies,
  ref: ClaimedRef,
  attempt: Attempt,
): Promise<FingerprintCompared> {
  const ground = await groundOf(deps, ref);
  return withSession({ url: ground.url, signal: attempt.signal }, 'fingerprint', async ({ client }) => {
    await assertClaim(client, ref.token);
    const before = await readFingerprint(client, ref.runId);
    if (!before) throw missing(ref);
    const now = await take(client, ground);
    const differences = diffFingerprints(before, now).slice(0, MOST_DIFFERENCES);
    return { digest: now.digest, objects: now.objects.length, before: before.digest, differences };
  });
}

function take(client: pg.Client, { loaded }: Ground): Promise<Fingerprint> {
  const { schemas, ledgerSchema } = loaded.definition;
  return fingerprint(client, { schemas, ledgerSchema });
}

function missing(ref: ClaimedRef): ProblemError {
  return new ProblemError({
    code: 'fingerprint-missing',
    message: 'the fingerprint from before the run is gone from the target database',
    found: `no row for run ${ref.runId} in drydock.run_fingerprints`,
    expected: 'the row that this run stored before its first step',
    next: 'compare the schema by hand; somebody removed what Drydock keeps in the schema drydock',
  });
}
