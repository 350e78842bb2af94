/** Third phase: a person approves this very plan, what was approved is checked again, traffic is held and proven quiet. */
import { ApplicationFailure } from '@temporalio/workflow';
import { formatDuration } from '../../model/duration.ts';
import { shortDigest } from '../../model/plan.ts';
import { needsLease } from '../../model/target.ts';
import { takeChecklist } from './checklist.ts';
import { keepLease } from './lease.ts';
import { installPlan, makePlan } from './load.ts';
import { REJECTED, type Run } from './run.ts';
import { marksAndAnalyses } from './versions.ts';
import { FINGERPRINT, HOLD, pauseItem, QUIET, RESTORE_POINT } from './window-items.ts';

/** `loseWork` ends the work under way, wherever it is by then. */
export async function openWindow(run: Run, loseWork: () => void): Promise<void> {
  await askApproval(run);
  while ((await confirmApproved(run)) === 'void') {
    // Another plan may have another checklist.
    await takeChecklist(run, 'first');
    await askApproval(run);
  }
  if (needsLease(run.plan.target)) beginLease(run, loseWork);
  await pauseConsumers(run);
  await hold(run);
  await proveQuiet(run);
  await takeFingerprint(run);
  if (marksAndAnalyses()) await writeRestorePoint(run);
}

/**
 * Takes the plan, the checks and the plan once more, until nobody had to be waited for in between: what is begun on was looked
 * at a moment ago, not before somebody's long thought.
 */
async function confirmApproved(run: Run): Promise<'confirmed' | 'void'> {
  for (;;) {
    if (!(await stillThePlan(run))) return 'void';
    const answered = await takeChecklist(run, 'again');
    const paused = run.journal.state.paused !== null;
    await run.gate();
    if (answered === 'by-nobody' && !paused) return (await stillThePlan(run)) ? 'confirmed' : 'void';
  }
}

async function askApproval(run: Run): Promise<void> {
  const { journal } = run;
  const timeoutMs = run.plan.window.approvalTimeoutMs;
  const expiresAt = new Date(Date.now() + timeoutMs).toISOString();
  journal.record({ kind: 'approval-asked', digest: run.plan.digest, expiresAt });
  await run.awaitPerson('approval', timeoutMs, () => journal.state.approval !== null || journal.state.stop !== null);
  if (journal.state.stop?.kind === 'rejected') throw ApplicationFailure.nonRetryable('the plan was rejected', REJECTED);
}

/** An approval does not outlive what it approved: another digest voids it, and the new plan is asked for. */
async function stillThePlan(run: Run): Promise<boolean> {
  const approved = run.plan.digest;
  const plan = await makePlan(run, 'Make the plan again, to compare it with the approved one');
  if (plan.digest === approved) return true;
  const because = `the plan is no longer ${shortDigest(approved)} but ${shortDigest(plan.digest)}: runbook, files, ledger or target changed since`;
  run.journal.record({ kind: 'approval-void', because });
  installPlan(run, plan);
  return false;
}

function beginLease(run: Run, loseWork: () => void): void {
  run.lease = keepLease(run, (problem) => {
    run.lost = problem;
    loseWork();
  });
}

/** In their order, each proven stopped before the next: a producer named first leaves the others nothing new. */
async function pauseConsumers(run: Run): Promise<void> {
  for (const consumer of run.plan.target.consumers ?? []) {
    run.paused.push(consumer);
    const item = pauseItem(consumer);
    await run.step(item, () =>
      run.perform('pauseConsumer', 'step', item.title, { ...run.claimed, consumer: consumer.name }),
    );
  }
}

async function writeRestorePoint(run: Run): Promise<void> {
  await run.step(RESTORE_POINT, () => run.perform('writeRestorePoint', 'step', RESTORE_POINT.title, run.claimed));
}

async function hold(run: Run): Promise<void> {
  run.begun.hold = true;
  await run.step(HOLD, () => run.perform('holdTraffic', 'step', 'Hold traffic', run.claimed));
  const item = run.journal.state.items.find((one) => one.phase === 'window' && one.id === HOLD.id);
  run.journal.record({ kind: 'hold-taken', how: item?.summary ?? '' });
}

async function proveQuiet(run: Run): Promise<void> {
  const { drainMs, drainTimeoutMs } = run.plan.window;
  const input = { ...run.claimed, drainMs, drainTimeoutMs };
  await run.require(QUIET, () => run.perform('proveQuiet', 'step', `Prove ${formatDuration(drainMs)} of quiet`, input));
}

async function takeFingerprint(run: Run): Promise<void> {
  const startedAt = Date.now();
  await run.step(FINGERPRINT, async () => {
    const { digest, objects } = await run.perform(
      'storeFingerprint',
      'step',
      'Fingerprint of the schema before',
      run.claimed,
    );
    run.journal.record({ kind: 'fingerprint-before', digest, objects });
    return {
      summary: `${shortDigest(digest)} over ${objects} objects`,
      evidence: [],
      durationMs: Date.now() - startedAt,
    };
  });
}
