/** Fourth and fifth phase: the plan's steps in order, each with its undo registered before it starts; then validation. */
import { isCancellation } from '@temporalio/workflow';
import { assertNever } from '../../model/assert-never.ts';
import type { PlannedStep } from '../../model/plan.ts';
import { compensationFor } from '../../model/undo.ts';
import { lookBeforeStep } from './before-step.ts';
import { stepItem } from './load.ts';
import { applyAsRehearsed } from './rehearsed-step.ts';
import type { Run } from './run.ts';
import { looksBetweenSteps } from './versions.ts';

export async function execute(run: Run): Promise<void> {
  for (const step of run.plan.steps) {
    await run.gate();
    if (looksBetweenSteps()) await lookBeforeStep(run);
    const compensation = compensationFor(step, run.plan.ledger.unfinished);
    // Before the step, not after it: a step may have done its work when its answer is lost.
    if (compensation) run.journal.registered.push(compensation);
    await carryOutStep(run, step);
  }
}

async function carryOutStep(run: Run, step: PlannedStep): Promise<void> {
  const item = stepItem(step);
  const summary = step.title;
  switch (step.kind) {
    case 'status': {
      const pending = run.plan.steps.flatMap((one) => (one.kind === 'apply' ? [one.migration] : []));
      return run.require(item, () =>
        run.perform('checkStatus', 'read', summary, { ...run.ref, expect: step.expect, pending }),
      );
    }
    case 'apply':
      return applyAsRehearsed(run, item, step.migration);
    case 'revert':
      await run.step(item, () =>
        run.perform('revertMigration', 'step', summary, {
          ...run.claimed,
          migration: step.migration,
          traffic: 'must-be-held',
        }),
      );
      return;
    case 'seed': {
      const { module, moduleDigest } = step;
      await run.step(item, () => run.perform('applySeed', 'step', summary, { ...run.claimed, module, moduleDigest }));
      return;
    }
    default:
      return assertNever(step);
  }
}

export async function validate(run: Run): Promise<void> {
  for (const { id, title } of run.plan.validation) {
    await run.gate();
    await run.require({ phase: 'validation', id, title }, () =>
      run.perform('validate', 'read', title, { ...run.ref, item: id }),
    );
  }
}

/** The schema as this run leaves it, for the report only: what is validated is not undone for want of it. */
export async function fingerprintAfter(run: Run): Promise<void> {
  try {
    const { digest, objects } = await run.perform(
      'compareFingerprint',
      'read',
      'Fingerprint of the schema after',
      run.claimed,
    );
    run.journal.record({ kind: 'fingerprint-after', digest, objects });
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
}
