/**
 * Applies one migration, and stops and asks where it does more than its rehearsal did: before it is committed for locks and
 * rewrites, before the next step where it took much longer. Without a rehearsal to compare with, it is a step like any other.
 */
import type { ItemRef } from '../../model/event.ts';
import type { StepOutcome } from '../../model/outcome.ts';
import type { PlannedMigration } from '../../model/plan.ts';
import { askDecision } from './decision.ts';
import { problemOf } from './failures.ts';
import type { Run } from './run.ts';

export async function applyAsRehearsed(run: Run, item: ItemRef, migration: PlannedMigration): Promise<void> {
  for (let deviations: 'asked' | 'accepted' = 'asked'; ; ) {
    try {
      const { deviation } = await run.step(item, () => apply(run, item, migration, deviations));
      if (deviation) await askDecision(run, { item, waivable: true, retry: 'not-possible' });
      return;
    } catch (error) {
      if (problemOf(error).code !== 'rehearsal-deviation') throw error;
    }
    const { action, by, reason } = await askDecision(run, { item, waivable: true });
    if (action === 'retry') continue;
    run.journal.record({ kind: 'item-waived', item, by, reason });
    deviations = 'accepted';
  }
}

function apply(
  run: Run,
  item: ItemRef,
  migration: PlannedMigration,
  deviations: 'asked' | 'accepted',
): Promise<StepOutcome> {
  return run.perform('applyMigration', 'step', item.title, {
    ...run.claimed,
    migration,
    traffic: 'must-be-held',
    ...(deviations === 'accepted' ? { deviations } : {}),
  });
}
