/**
 * The drain that someone else does: nothing is held and nothing released here. What counts is that nobody is at work on
 * the tables, and that is looked at, never assumed.
 */
import { fact } from '../checks/outcome.ts';
import { quietScope } from '../checks/quiet.ts';
import { describeOffender, sampleQuiet } from '../checks/quiet-sample.ts';
import { withSession } from '../checks/session.ts';
import type { HeldOutcome, Hold, HoldContext } from './hold.ts';

export const observe: Hold = {
  hold: async ({ owner }) => ({
    kind: 'held',
    how: 'someone else drains: nothing is held by this run, quiet has to be proven',
    lease: { token: owner.token, expiresAt: null },
    evidence: [fact('drain', 'observe')],
  }),
  held: look,
  release: async () => ({
    kind: 'nothing-was-held',
    how: 'nothing was held by this run: whoever drained lets traffic back in',
    evidence: [fact('drain', 'observe')],
  }),
};

async function look(context: HoldContext): Promise<HeldOutcome> {
  const scope = await quietScope(context);
  const { offenders, writes } = await withSession(context, 'held', ({ client }) => sampleQuiet(client, scope));
  const seen = offenders.map(describeOffender);
  const evidence = [fact('at work on the tables', seen.join('\n') || 'nobody', 'nobody')];
  if (seen.length === 0) return { kind: 'held', how: 'nobody is at work on the tables', evidence };
  return {
    kind: 'broken',
    evidence,
    problem: {
      code: 'not-quiet',
      message: 'traffic came back while the run is at work',
      found: seen.join('\n'),
      expected: `nobody at work on ${[...writes.keys()].sort().join(', ')}`,
      next: 'stop these sessions or what they belong to, and retry this step',
      retry: 'stop',
    },
  };
}
