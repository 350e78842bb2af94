/** Is nobody at work on the owned tables and on those that their foreign keys name, for the whole time of the drain? */
import { formatDuration } from '../model/duration.ts';
import type { CheckOutcome, Evidence } from '../model/outcome.ts';
import { describeRunningDump, runningDumps } from './backups/running-dumps.ts';
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
  const scope = await heldScope(context);
  const { onProgress, signal, clock } = context;
  return withSession(context, 'quiet', async ({ client }) => {
    const how = { scope, forMs: drainMs, timeoutMs: drainTimeoutMs, onProgress, signal, clock };
    const proof = await proveQuiet(client, how);
    const dumps = (await runningDumps(client)).map(describeRunningDump);
    return quietOutcome(context, { proof, drainMs, dumps });
  });
};

/** The tables that quiet is looked for on: the owned ones, what their foreign keys name, and what they will name. */
export async function quietScope({ runbook, root }: Pick<CheckContext, 'runbook' | 'root'>): Promise<QuietScope> {
  const { referenced } = await readMigrationTables(runbook, root);
  return { schemas: runbook.schemas, alsoTables: referenced };
}

/** An attempt to write that is refused holds its lock for less than this. */
const REFUSED_WITHIN_MS = 1_000;

/** The same once the drain holds: where sessions are read-only, attempts to write are refused and are no traffic. */
export async function heldScope(context: Pick<CheckContext, 'runbook' | 'root' | 'target'>): Promise<QuietScope> {
  const scope = await quietScope(context);
  return context.target.drain.kind === 'read-only' ? { ...scope, attemptMs: REFUSED_WITHIN_MS } : scope;
}

interface Proven {
  readonly proof: QuietProof;
  readonly drainMs: number;
  /** Of ours, that read the tables at this moment. */
  readonly dumps: readonly string[];
}

function quietOutcome(context: CheckContext, { proof, drainMs, dumps }: Proven): CheckOutcome {
  const evidence = [
    fact('quiet without a break', formatDuration(proof.quietMs), formatDuration(drainMs)),
    fact('waited', formatDuration(proof.waitedMs)),
    fact('tables', proof.tables.join(', ') || 'none there yet'),
    fact('looks', proof.samples),
    fact('broken', count(proof.interruptions, 'time')),
    ...(proof.lastSeen.length > 0 ? [fact('seen last', proof.lastSeen.join('\n'))] : []),
    ...(dumps.length > 0 ? [fact('dumps of ours, no traffic', dumps.join('\n'))] : []),
    ...hiddenFact(proof),
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

/** Sessions of which this role sees a lock and nothing else. */
export function hiddenFact({ hidden }: { readonly hidden: number }): readonly Evidence[] {
  if (hidden === 0) return [];
  return [fact('age not visible', `${count(hidden, 'session')}: grant pg_monitor to this role`)];
}
