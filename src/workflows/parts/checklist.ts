/** Second phase: every item of the checklist, then a person's decision about each that failed. */
import type { ItemRef } from '../../model/event.ts';
import type { Plan } from '../../model/plan.ts';
import { askDecision } from './decision.ts';
import type { Run } from './run.ts';

type Item = Plan['checklist'][number];

/**
 * Takes every item once, so that a person sees all that is wrong at once; then asks about the failed ones, one by one.
 * Taken again after the approval: an item that was waived stays waived, by the same person, whatever it finds.
 * @returns whether anybody had to be waited for.
 */
export async function takeChecklist(run: Run, round: 'first' | 'again'): Promise<'by-nobody' | 'by-a-person'> {
  const failed: Item[] = [];
  for (const item of run.plan.checklist) {
    await run.gate();
    if ((await takeItem(run, item, round)) === 'failed') failed.push(item);
  }
  for (const item of failed) await settle(run, item);
  return failed.length === 0 ? 'by-nobody' : 'by-a-person';
}

async function takeItem(run: Run, item: Item, round: 'first' | 'again'): Promise<'passed' | 'failed' | 'waived'> {
  const ref = refOf(item);
  const waiver = run.journal.state.items.find((one) => one.phase === 'checklist' && one.id === item.id)?.waiver;
  const summary = round === 'again' ? `${item.title} (again, after approval)` : item.title;
  const outcome = await run.check(ref, () =>
    run.perform('runCheck', 'read', summary, { ...run.ref, item: item.id, forOperation: run.operation }),
  );
  if (outcome.status === 'passed') return 'passed';
  if (!waiver) return 'failed';
  run.journal.record({ kind: 'item-waived', item: ref, by: waiver.by, reason: waiver.reason });
  return 'waived';
}

/** Asks for a decision until the item passes or is waived. */
async function settle(run: Run, item: Item): Promise<void> {
  const ref = refOf(item);
  for (;;) {
    const decision = await askDecision(run, { item: ref, waivable: item.waivable });
    if (decision.action === 'waive') {
      run.journal.record({ kind: 'item-waived', item: ref, by: decision.by, reason: decision.reason });
      return;
    }
    if ((await takeItem(run, item, 'first')) === 'passed') return;
  }
}

function refOf(item: Item): ItemRef {
  return { phase: 'checklist', id: item.id, title: item.title };
}
