/**
 * What a run lets go of at its end, on every path: traffic, consumers, the claim. Each is tried whatever became of the others. After
 * a failed undo the target may want traffic to stay away until a person has looked.
 */
import type { ItemRef, RunOutcome } from '../../model/event.ts';
import { problemOf } from './failures.ts';
import type { Run } from './run.ts';
import { marksAndAnalyses } from './versions.ts';
import { resumeItem } from './window-items.ts';

const ANALYZE: ItemRef = { phase: 'release', id: 'analyze', title: 'Take statistics of the tables' };
const RELEASE: ItemRef = { phase: 'release', id: 'release', title: 'Let traffic back in' };
const KEEP: ItemRef = { phase: 'release', id: 'keep-held', title: 'Keep traffic away for a person' };
const WATCH: ItemRef = { phase: 'release', id: 'watch', title: 'Watch the database with its traffic' };
const DROP: ItemRef = { phase: 'release', id: 'drop-claim', title: 'Drop the claim' };

/** Half sentences about what could not be let go of, or what was seen afterwards; none where all went well. */
export async function letGoOfAll(run: Run, outcome: RunOutcome): Promise<readonly string[]> {
  const troubles: string[] = [];
  const attempt = async (item: ItemRef, trouble: string, work: Parameters<Run['step']>[1]): Promise<void> => {
    const problem = await tryStep(run, item, work);
    if (problem) troubles.push(`${trouble} (${problem})`);
  };
  if (outcome === 'done' && run.operation !== 'rollback' && marksAndAnalyses()) {
    await attempt(ANALYZE, 'statistics were not taken', () =>
      run.perform('analyzeTables', 'let-go', ANALYZE.title, run.anyway),
    );
  }
  await run.lease?.stop();
  if (staysHeld(run, outcome)) await attempt(KEEP, 'traffic could not be kept away longer', () => keepHeld(run));
  else await letBackIn(run, attempt);
  if (outcome === 'done') troubles.push(...(await watch(run)));
  if (run.begun.claim) {
    await attempt(DROP, 'the claim was not dropped', async () => {
      // After a failed undo somebody has to compare with how it was.
      const fingerprint = outcome === 'undo-failed' ? 'keep' : 'forget';
      await run.perform('dropClaim', 'let-go', DROP.title, { ...run.anyway, fingerprint });
      return { summary: 'the database is free for others', evidence: [], durationMs: 0 };
    });
  }
  return troubles;
}

type Attempt = (item: ItemRef, trouble: string, work: Parameters<Run['step']>[1]) => Promise<void>;

/** Traffic first, then the consumers from the last to the first: they find everything as they left it. */
async function letBackIn(run: Run, attempt: Attempt): Promise<void> {
  if (run.begun.hold) {
    await attempt(RELEASE, 'traffic was not let back in', async () => {
      const outcome = await run.perform('releaseTraffic', 'undo', RELEASE.title, run.anyway);
      run.journal.record({ kind: 'hold-released', how: outcome.summary });
      return outcome;
    });
  }
  for (const consumer of [...run.paused].reverse()) {
    const item = resumeItem(consumer);
    await attempt(item, `${consumer.name} was not resumed`, () =>
      run.perform('resumeConsumer', 'undo', item.title, { ...run.anyway, consumer: consumer.name }),
    );
  }
}

function staysHeld(run: Run, outcome: RunOutcome): boolean {
  return outcome === 'undo-failed' && run.lease !== null && run.plan.target.onUndoFailed === 'hold';
}

async function keepHeld(run: Run) {
  const forMs = run.plan.target.holdAtMostMs;
  const until = new Date(Date.now() + forMs).toISOString();
  const kept = await run.perform('extendHold', 'undo', KEEP.title, { ...run.anyway, forMs });
  run.journal.record({ kind: 'hold-kept', how: kept.summary, until });
  return kept;
}

/** It undoes nothing: what it saw is for a person. */
async function watch(run: Run): Promise<readonly string[]> {
  if (!run.begun.hold || !run.plan.target.afterRelease) return [];
  const seen = await run.check(WATCH, () => run.perform('watchAfterRelease', 'read', WATCH.title, run.anyway));
  return seen.status === 'passed' ? [] : [`the watch after it found: ${seen.summary}`];
}

async function tryStep(run: Run, item: ItemRef, work: Parameters<Run['step']>[1]): Promise<string | null> {
  try {
    await run.step(item, work);
    return null;
  } catch (error) {
    return problemOf(error).message;
  }
}
