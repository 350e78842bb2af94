/** Which run is meant: by its workflow id, by its target, or, where only one is open, by nothing at all. */

import { workflowIdOf } from '../model/ids.ts';
import { ProblemError } from '../model/problem.ts';
import type { TemporalLink } from './connect.ts';
import { listRuns } from './list.ts';
import { describeRun, type RunDescription } from './run-description.ts';

export interface Wanted {
  /** `<runbook>/<target>`, or a target alone; undefined: the one that is open. */
  readonly text: string | undefined;
  /** The runbooks that may be meant where only a target is given, those of the checkout. Asked for only then. */
  readonly runbooks: () => Promise<readonly string[]>;
}

/**
 * The latest run that is meant.
 * Errors: `run-not-found`, `run-ambiguous` (lists the candidates), `run-not-named`, `temporal-unreachable`.
 */
export async function findRun(link: TemporalLink, { text, runbooks }: Wanted): Promise<RunDescription> {
  if (text === undefined) return theOpenRun(link, await runbooks());
  if (text.includes('/')) return describeRun(link, { workflowId: text });
  const found = await ofTarget(link, text, await runbooks());
  const open = found.filter((run) => !run.closed);
  const candidates = open.length > 0 ? open : found;
  if (candidates.length === 0) throw noneOf(text, link);
  if (candidates.length > 1) throw ambiguous(candidates.map(({ workflowId }) => workflowId));
  return candidates[0]!;
}

/** Asked by name first, because visibility is a moment behind; a runbook that is not in this checkout is found by it. */
async function ofTarget(link: TemporalLink, target: string, runbooks: readonly string[]): Promise<RunDescription[]> {
  const named = await Promise.all(runbooks.map((runbook) => describeOrNull(link, workflowIdOf(runbook, target))));
  const known = named.filter((run) => run !== null);
  if (known.length > 0) return known;
  const ids = new Set((await listRuns(link, { target, limit: 100 })).map(({ workflowId }) => workflowId));
  const listed = await Promise.all([...ids].map((workflowId) => describeOrNull(link, workflowId)));
  return listed.filter((run) => run !== null);
}

async function describeOrNull(link: TemporalLink, workflowId: string): Promise<RunDescription | null> {
  try {
    return await describeRun(link, { workflowId });
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'run-not-found') return null;
    throw error;
  }
}

async function theOpenRun(link: TemporalLink, runbooks: readonly string[]): Promise<RunDescription> {
  const open = await listRuns(link, { status: 'open' });
  const meant = runbooks.length === 1 ? open.filter(({ runbook }) => runbook === runbooks[0]) : open;
  if (meant.length === 1) return describeRun(link, { workflowId: meant[0]!.workflowId });
  if (meant.length > 1) throw ambiguous(meant.map(({ workflowId }) => workflowId));
  throw new ProblemError({
    code: 'run-not-named',
    message: 'no run is open, and none was named',
    expected: 'a target, or <runbook>/<target>',
    next: 'look at those there were: pnpm tsx src/cli/drydock.ts runs',
  });
}

function noneOf(target: string, link: TemporalLink): ProblemError {
  return new ProblemError({
    code: 'run-not-found',
    message: `there is no run on a target "${target}"`,
    found: `Temporal at ${link.address}, namespace ${link.namespace}, knows none`,
    expected: 'a target, or <runbook>/<target>, of a run that was started',
    next: 'look at those there are: pnpm tsx src/cli/drydock.ts runs',
  });
}

function ambiguous(ids: readonly string[]): ProblemError {
  return new ProblemError({
    code: 'run-ambiguous',
    message: 'more than one run may be meant',
    found: ids.join('\n'),
    expected: 'the name of one: <runbook>/<target>',
    next: `name it, as in: pnpm tsx src/cli/drydock.ts state ${ids[0]}`,
  });
}
