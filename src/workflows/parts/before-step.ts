/**
 * Between the steps of an execution: is this still the database that was approved, and can its replicas follow? A database that is
 * another one is a person's question; replicas that are behind are waited for.
 */
import type { LookBeforeStep } from '../../activities/contract.ts';
import type { ItemRef } from '../../model/event.ts';
import { askDecision } from './decision.ts';
import type { Run } from './run.ts';

const IDENTITY: ItemRef = { phase: 'execution', id: 'same-database', title: 'Still the database that was approved' };

/** Gives when the next step may begin. Errors: those of the activities; silence of the asked person ends the run. */
export async function lookBeforeStep(run: Run): Promise<void> {
  for (;;) {
    const look = await run.perform('lookBeforeStep', 'step', 'Look before the next step', {
      ...onlyLooking(run),
      identity: run.identity ?? run.plan.identity,
    });
    if (look.changed) await askAboutIdentity(run, look);
    else if (look.lagging) await standStill(run, look.lagging);
    else return;
  }
}

/** Whether a worker has the approved definition is for the step itself to say, under its own name. */
function onlyLooking(run: Run) {
  return { ...run.claimed, runbookDigest: '' };
}

/** `waive`: a person takes the database as it is now for the one that was meant. */
async function askAboutIdentity(run: Run, { identity, changed }: LookBeforeStep): Promise<void> {
  run.journal.record({ kind: 'item-started', item: IDENTITY });
  run.journal.record({ kind: 'item-failed', item: IDENTITY, problem: run.explained(changed!), evidence: [] });
  const { action, by, reason } = await askDecision(run, { item: IDENTITY, waivable: true });
  if (action === 'retry') return;
  run.journal.record({ kind: 'item-waived', item: IDENTITY, by, reason });
  run.identity = identity;
}

async function standStill(run: Run, { summary, evidence }: NonNullable<LookBeforeStep['lagging']>): Promise<void> {
  const since = Date.now();
  run.journal.record({ kind: 'standing-still', because: summary, evidence });
  await run.perform('awaitReplicas', 'step', 'Wait until the replicas have caught up', onlyLooking(run));
  run.journal.record({ kind: 'moving-on', waitedMs: Date.now() - since });
}
