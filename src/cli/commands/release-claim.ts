/**
 * `release-claim`: takes the claim of a run off the database that is not there any more to do it itself. The holder's name has
 * to be typed, so that nobody takes away what they have not looked at.
 */
import { type ClaimRow, claimHeldProblem, dropClaim, readClaim } from '../../migrator/claim.ts';
import { ProblemError } from '../../model/problem.ts';
import { connect } from '../../postgres/connect.ts';
import type { Answer, Call, CommandSpec } from '../command.ts';

export const releaseClaimCommand: CommandSpec<{ readonly holder?: string }> = {
  name: 'release-claim',
  about: 'Take the claim of a run that is gone for good off the database. Shows the holder first.',
  options: [['--holder <workflow id>', 'the run that holds it, typed out']],
  work: async (call, { holder }) => {
    const { url } = await call.database();
    const session = await connect({ url, applicationName: 'drydock:release-claim' });
    try {
      const claim = await readClaim(session.client);
      if (!claim) return { json: { released: null }, text: 'nobody holds a claim on this database' };
      await refuseUnlessTyped(call, claim, holder);
      await dropClaim(session.client, claim.token);
      return released(claim);
    } finally {
      await session.close();
    }
  },
};

async function refuseUnlessTyped(call: Call, claim: ClaimRow, holder: string | undefined): Promise<void> {
  if (holder !== claim.workflowId) throw notTyped(claim, holder);
  const state = await call.isHolderAlive?.(claim).catch(() => 'unknown' as const);
  if (state !== 'running') return;
  throw new ProblemError({ ...claimHeldProblem(claim), next: 'abort the run: it gives its claim back by itself' });
}

function notTyped(claim: ClaimRow, holder: string | undefined): ProblemError {
  const { found, message } = claimHeldProblem(claim);
  return new ProblemError({
    code: 'claim-held',
    message,
    found: holder === undefined ? (found ?? '') : `--holder ${holder}, but: ${found}`,
    expected: 'a run that is gone for good: one that still works would go on without its claim',
    next: `if it is gone for good, run \`release-claim --holder ${claim.workflowId}\``,
  });
}

function released(claim: ClaimRow): Answer {
  return { json: { released: claim }, text: `the claim of ${claim.workflowId}, run ${claim.runId}, is released` };
}
