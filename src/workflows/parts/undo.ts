/** The way back: every registered compensation from the last to the first, then the proof that the schema is as before. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { assertNever } from '../../model/assert-never.ts';
import { formatDuration } from '../../model/duration.ts';
import type { ItemRef } from '../../model/event.ts';
import type { StepOutcome } from '../../model/outcome.ts';
import type { Problem } from '../../model/problem.ts';
import type { Compensation } from '../../model/undo.ts';
import { problemFailure, problemOf } from './failures.ts';
import type { ActivityProfile } from './options.ts';
import type { Run } from './run.ts';
import { saysWhatUndoWaitsFor } from './versions.ts';

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
    else failed = await attempt(() => undo(run, compensation));
  }
  const unequal = await attempt(() => run.step(VERIFY, () => verify(run)));
  return failed ?? unequal;
}

function undo(run: Run, compensation: Compensation): Promise<StepOutcome> {
  return run.step(itemOf(compensation), () => patiently(run, (profile) => compensate(run, compensation, profile)));
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

type UndoProfile = Extract<ActivityProfile, 'undo' | 'undo-soon'>;

/** What a person or a failover can mend is waited for: traffic may be held meanwhile, so it is said at once for what. */
async function patiently<T>(run: Run, work: (profile: UndoProfile) => Promise<T>): Promise<T> {
  try {
    return await work('undo-soon');
  } catch (error) {
    const { retry, code, message } = problemOf(error);
    if (retry !== 'retry' || !saysWhatUndoWaitsFor()) throw error;
    const because = `the undo waits until this is mended: ${code}: ${message}`;
    return standStill(run, because, () => inTime(run, { code, message }, () => work('undo')));
  }
}

/**
 * While this run keeps traffic away, all its waiting together takes no longer than the target lets traffic stay away for a person. An
 * undo hours later, with traffic back on what it takes away, is for a person to decide.
 */
async function inTime<T>(
  run: Run,
  { code, message }: Pick<Problem, 'code' | 'message'>,
  work: () => Promise<T>,
): Promise<T> {
  if (!run.lease) return work();
  const { holdAtMostMs } = run.plan.target;
  run.undoWaitsUntilMs ??= Date.now() + holdAtMostMs;
  try {
    return await CancellationScope.withTimeout(Math.max(1, run.undoWaitsUntilMs - Date.now()), work);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    throw problemFailure({
      code: 'undo-not-possible-in-time',
      message: `the undo could not go on within ${formatDuration(holdAtMostMs)}, which is how long traffic may stay away for it`,
      found: `${code}: ${message}`,
      expected: 'a database that can be written to, and files and settings as they were approved',
      next: 'mend it; then look at what is applied with `status`, and `rollback` by hand what has to go',
      retry: 'stop',
    });
  }
}

async function standStill<T>(run: Run, because: string, work: () => Promise<T>): Promise<T> {
  const since = Date.now();
  run.journal.record({ kind: 'standing-still', because, evidence: [], during: 'undo' });
  try {
    return await work();
  } finally {
    run.journal.record({ kind: 'moving-on', waitedMs: Date.now() - since });
  }
}

function compensate(run: Run, compensation: Compensation, profile: UndoProfile): Promise<StepOutcome> {
  const { title } = compensation;
  switch (compensation.kind) {
    case 'revert':
      return run.perform('revertMigration', profile, title, {
        ...run.anyway,
        migration: compensation.migration,
        traffic: 'no-matter',
      });
    case 'apply':
      return run.perform('applyMigration', profile, title, {
        ...run.anyway,
        migration: compensation.migration,
        traffic: 'no-matter',
      });
    case 'undo-seed':
      return run.perform('undoSeed', profile, title, { ...run.anyway, module: compensation.module });
    default:
      return assertNever(compensation);
  }
}

async function fence(run: Run): Promise<StepOutcome> {
  const startedAt = Date.now();
  const { token } = await patiently(run, (profile) =>
    run.perform('renewClaim', profile, FENCE.title, { ...run.anyway, operation: run.operation }),
  );
  run.token = token;
  run.journal.record({ kind: 'claimed', token });
  return { summary: `claim ${token}`, evidence: [], durationMs: Date.now() - startedAt };
}

async function verify(run: Run): Promise<StepOutcome> {
  const startedAt = Date.now();
  const compared = await patiently(run, (profile) =>
    run.perform('compareFingerprint', profile, VERIFY.title, run.anyway),
  );
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
