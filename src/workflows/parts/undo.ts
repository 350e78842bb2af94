/** The way back: every registered compensation from the last to the first, then the proof that the schema is as before. */
import { assertNever } from '../../model/assert-never.ts';
import type { ItemRef } from '../../model/event.ts';
import type { StepOutcome } from '../../model/outcome.ts';
import type { Problem } from '../../model/problem.ts';
import type { Compensation } from '../../model/undo.ts';
import { problemFailure, problemOf } from './failures.ts';
import type { Run } from './run.ts';

const FENCE: ItemRef = { phase: 'undo', id: 'fence', title: 'Shut out what is still under way' };
const VERIFY: ItemRef = { phase: 'undo', id: 'verify', title: 'Compare the schema with how it was before' };

/** Undoes everything that was begun. Must run where a cancellation cannot reach it. Never throws. */
export async function undoAll(run: Run, because: string): Promise<Problem | null> {
  const compensations = [...run.journal.registered].reverse();
  run.journal.record({ kind: 'undo-started', steps: [FENCE, ...compensations.map(itemOf), VERIFY], because });
  let failed: Problem | null = await attempt(() => run.step(FENCE, () => fence(run)));
  for (const compensation of compensations) {
    // Later mirrors stand on earlier ones: after a failure the rest would only fail differently.
    if (failed)
      run.journal.record({ kind: 'item-skipped', item: itemOf(compensation), reason: 'an undo before it failed' });
    else failed = await attempt(() => run.step(itemOf(compensation), () => compensate(run, compensation)));
  }
  const unequal = await attempt(() => run.step(VERIFY, () => verify(run)));
  return failed ?? unequal;
}

async function attempt(work: () => Promise<unknown>): Promise<Problem | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return problemOf(error);
  }
}

function itemOf(compensation: Compensation): ItemRef {
  return { phase: 'undo', id: compensation.id, title: compensation.title };
}

function compensate(run: Run, compensation: Compensation): Promise<StepOutcome> {
  const { title } = compensation;
  switch (compensation.kind) {
    case 'revert':
      return run.perform('revertMigration', 'undo', title, {
        ...run.anyway,
        migration: compensation.migration,
        traffic: 'no-matter',
      });
    case 'apply':
      return run.perform('applyMigration', 'undo', title, {
        ...run.anyway,
        migration: compensation.migration,
        traffic: 'no-matter',
      });
    case 'undo-seed':
      return run.perform('undoSeed', 'undo', title, { ...run.anyway, module: compensation.module });
    default:
      return assertNever(compensation);
  }
}

async function fence(run: Run): Promise<StepOutcome> {
  const startedAt = Date.now();
  const { token } = await run.perform('renewClaim', 'undo', FENCE.title, { ...run.anyway, operation: run.operation });
  run.token = token;
  run.journal.record({ kind: 'claimed', token });
  return { summary: `claim ${token}`, evidence: [], durationMs: Date.now() - startedAt };
}

async function verify(run: Run): Promise<StepOutcome> {
  const startedAt = Date.now();
  const compared = await run.perform('compareFingerprint', 'undo', VERIFY.title, run.anyway);
  const { before, digest, differences, objects } = compared;
  run.journal.record({ kind: 'verified', before, after: digest, differences });
  if (before !== digest) throw differs(differences);
  return {
    summary: `equal: ${digest.slice(0, 12)} over ${objects} objects`,
    evidence: [],
    durationMs: Date.now() - startedAt,
  };
}

function differs(differences: readonly string[]): Error {
  return problemFailure({
    code: 'not-as-before',
    message: 'after the undo the schema is not as it was before the run',
    found: differences.join('\n'),
    expected: 'equal fingerprints',
    next: 'look at the differences; traffic should stay away until a person has decided about them',
    retry: 'stop',
  });
}
