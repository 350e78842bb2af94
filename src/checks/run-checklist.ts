/**
 * The items of a checklist, side by side where they do not disturb each other, each with an outcome whatever became of it. Nobody
 * is asked and nothing is tried again here.
 */

import type { CheckOutcome } from '../model/outcome.ts';
import { isProblemError, type Problem, withResolution } from '../model/problem.ts';
import type { ChecklistItem, CheckSpec } from '../model/runbook.ts';
import { problemFromPg } from '../postgres/problem-from-pg.ts';
import type { CheckContext } from './context.ts';
import { failed } from './outcome.ts';
import { runCheck } from './registry.ts';

export interface CheckedItem {
  readonly item: ChecklistItem;
  readonly outcome: CheckOutcome;
}

/** In the order of the items. Error: `interrupted`. */
export async function runChecklist(
  context: CheckContext,
  items: readonly ChecklistItem[],
): Promise<readonly CheckedItem[]> {
  // What the others send would be measured.
  const lag = Promise.all(items.filter(isOfLag).map((item) => checkItem(context, item)));
  const others = items.map(async (item) => {
    if (isOfLag(item)) return (await lag).find((one) => one.item === item)!;
    if (SENDS_WAL.includes(item.spec.kind)) await lag;
    return checkItem(context, item);
  });
  return Promise.all(others);
}

/** They close a segment of WAL, which is then sent to replicas and archives. */
const SENDS_WAL: readonly CheckSpec['kind'][] = ['wal-archiving', 'pitr-backup'];

function isOfLag({ spec }: ChecklistItem): boolean {
  return spec.kind === 'replica-lag';
}

async function checkItem(context: CheckContext, item: ChecklistItem): Promise<CheckedItem> {
  const outcome = await outcomeOf(context, item);
  const { problem } = outcome;
  const { troubleshooting } = context.runbook;
  return { item, outcome: problem ? { ...outcome, problem: withResolution(problem, troubleshooting) } : outcome };
}

async function outcomeOf(context: CheckContext, { spec }: ChecklistItem): Promise<CheckOutcome> {
  try {
    return await runCheck(context, spec);
  } catch (error) {
    const problem: Problem = problemFromPg(error, { doing: `the check ${spec.kind}`, code: 'check-failed' });
    if (isProblemError(error) && problem.code === 'interrupted') throw error;
    return failed(context, problem, []);
  }
}
