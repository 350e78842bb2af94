/** Is nobody at work on the owned tables and on those that their foreign keys name, for the whole time of the drain? */
import { formatDuration } from '../model/duration.ts';
import type { CheckOutcome } from '../model/outcome.ts';
import type { Check, CheckContext } from './context.ts';
import { windowOf } from './context.ts';
import { readMigrationTables } from './migration-tables.ts';
import { count, fact, failed, passed } from './outcome.ts';
import { proveQuiet, type QuietProof } from './prove-quiet.ts';
import type { QuietScope } from './quiet-sample.ts';
import { withSession } from './session.ts';

/** The proof of the drain window, over the window of the context. */
export const checkQuiet: Check<'quiet'> = async (context) => {
  const { drainMs, drainTimeoutMs } = windowOf(context);
  const scope = await quietScope(context);
  const proof = await withSession(context, 'quiet', ({ client }) =>
    proveQuiet(client, {
      scope,
      forMs: drainMs,
      timeoutMs: drainTimeoutMs,
      onProgress: context.onProgress,
      signal: context.signal,
      clock: context.clock,
    }),
  );
  return quietOutcome(context, proof, drainMs);
};

/** The tables that quiet is looked for on: the owned ones, what their foreign keys name, and what they will name. */
export async function quietScope({ runbook, root }: Pick<CheckContext, 'runbook' | 'root'>): Promise<QuietScope> {
  const { referenced } = await readMigrationTables(runbook, root);
  return { schemas: runbook.schemas, alsoTables: referenced };
}

function quietOutcome(context: CheckContext, proof: QuietProof, drainMs: number): CheckOutcome {
  const evidence = [
    fact('quiet without a break', formatDuration(proof.quietMs), formatDuration(drainMs)),
    fact('waited', formatDuration(proof.waitedMs)),
    fact('tables', proof.tables.join(', ') || 'none there yet'),
    fact('looks', proof.samples),
    fact('broken', count(proof.interruptions, 'time')),
    ...(proof.lastSeen.length > 0 ? [fact('seen last', proof.lastSeen.join('\n'))] : []),
    ...(proof.hidden > 0
      ? [fact('age not visible', `${count(proof.hidden, 'session')}: grant pg_monitor to this role`)]
      : []),
  ];
  const quiet = formatDuration(proof.quietMs);
  if (proof.kind === 'quiet') {
    return passed(context, `quiet for ${quiet} on ${count(proof.tables.length, 'table')}`, evidence);
  }
  return failed(
    context,
    {
      code: 'not-quiet',
      message: `it was not quiet for ${formatDuration(drainMs)} within ${formatDuration(proof.waitedMs)}`,
      found: `at the longest ${quiet}; seen last:\n${proof.lastSeen.join('\n')}`,
      expected: `nobody at work on ${proof.tables.join(', ')}`,
      next: 'stop these sessions or what they belong to, and retry this item',
    },
    evidence,
  );
}
