/**
 * What a run lets go of at its end, on every path: traffic, consumers, the claim. Each is tried whatever became of the others. After
 * a failed undo the target may want traffic to stay away until a person has looked.
 */
import type { Consumer } from '../../model/consumer.ts';
import type { ItemRef, RunOutcome } from '../../model/event.ts';
import type { Problem } from '../../model/problem.ts';
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
  const attempt = async (move: Move): Promise<void> => void troubles.push(...troubleOf(move, await tryMove(run, move)));
  if (outcome === 'done' && run.operation !== 'rollback' && marksAndAnalyses()) {
    await attempt({
      item: ANALYZE,
      trouble: 'statistics were not taken',
      // Traffic waits for it: what a person would have to mend first is told instead.
      work: () => run.perform('analyzeTables', 'let-go', ANALYZE.title, { ...run.anyway, patience: 'give-up' }),
    });
  }
  await run.lease?.stop();
  if (!staysHeld(run, outcome) || !(await keptHeld(run, troubles))) troubles.push(...(await letBackIn(run)));
  if (outcome === 'done') troubles.push(...(await watch(run)));
  if (run.begun.claim) await attempt(dropOfClaim(run, outcome));
  return troubles;
}

/** One thing to do at the end; `trouble` is the half sentence where it cannot be done. */
interface Move {
  readonly item: ItemRef;
  readonly trouble: string;
  readonly work: Parameters<Run['step']>[1];
}

function dropOfClaim(run: Run, outcome: RunOutcome): Move {
  return {
    item: DROP,
    trouble: 'the claim was not dropped',
    work: async () => {
      // After a failed undo somebody has to compare with how it was.
      const fingerprint = outcome === 'undo-failed' ? 'keep' : 'forget';
      await run.perform('dropClaim', 'let-go', DROP.title, { ...run.anyway, fingerprint });
      return { summary: 'the database is free for others', evidence: [], durationMs: 0 };
    },
  };
}

/**
 * Traffic first, then the consumers from the last to the first: they find everything as they left it. What cannot be let go of soon
 * keeps nothing else waiting: it is told, and then tried for a day.
 */
async function letBackIn(run: Run): Promise<readonly string[]> {
  const troubles: string[] = [];
  const left: LetGo[] = [];
  for (const letGo of [...(run.begun.hold ? [releaseOf(run)] : []), ...[...run.paused].reverse().map(resumeOf(run))]) {
    const problem = await tryMove(run, letGo('soon'));
    if (problem?.retry === 'retry') left.push(letGo);
    else troubles.push(...troubleOf(letGo('soon'), problem));
  }
  const again = async (move: Move) => troubleOf(move, await tryMove(run, move));
  const ends = await Promise.all(left.map((letGo) => again(letGo('for-a-day'))));
  return [...troubles, ...ends.flat()];
}

type LetGo = (how: keyof typeof PROFILE) => Move;

const PROFILE = { soon: 'let-go-soon', 'for-a-day': 'undo' } as const;

function releaseOf(run: Run): LetGo {
  return (how) => ({
    item: RELEASE,
    trouble: 'traffic was not let back in',
    work: async () => {
      const outcome = await run.perform('releaseTraffic', PROFILE[how], RELEASE.title, run.anyway);
      run.journal.record({ kind: 'hold-released', how: outcome.summary });
      return outcome;
    },
  });
}

function resumeOf(run: Run): (consumer: Consumer) => LetGo {
  return (consumer) => {
    const item = resumeItem(consumer);
    return (how) => ({
      item,
      trouble: `${consumer.name} was not resumed`,
      work: () => run.perform('resumeConsumer', PROFILE[how], item.title, { ...run.anyway, consumer: consumer.name }),
    });
  };
}

/** Not where the time for it was spent on waiting. */
function staysHeld(run: Run, outcome: RunOutcome): boolean {
  const isOver = run.undoWaitsUntilMs !== null && run.undoWaitsUntilMs <= Date.now();
  return outcome === 'undo-failed' && run.lease !== null && !isOver && run.plan.target.onUndoFailed === 'hold';
}

/** What cannot be kept is let go: nobody would do it later. */
async function keptHeld(run: Run, troubles: string[]): Promise<boolean> {
  const move = { item: KEEP, trouble: 'traffic could not be kept away longer', work: () => keepHeld(run) };
  const problem = await tryMove(run, move);
  troubles.push(...troubleOf(move, problem));
  return problem === null;
}

async function keepHeld(run: Run) {
  const forMs = run.plan.target.holdAtMostMs;
  const until = new Date(Date.now() + forMs).toISOString();
  // Nobody renews any more: what cannot be kept now is let go, before the guard does it.
  const kept = await run.perform('extendHold', 'undo', KEEP.title, { ...run.anyway, patience: 'give-up', forMs });
  run.journal.record({ kind: 'hold-kept', how: kept.summary, until });
  return kept;
}

/** It undoes nothing: what it saw is for a person. */
async function watch(run: Run): Promise<readonly string[]> {
  if (!run.begun.hold || !run.plan.target.afterRelease) return [];
  const seen = await run.check(WATCH, () => run.perform('watchAfterRelease', 'read', WATCH.title, run.anyway));
  return seen.status === 'passed' ? [] : [`the watch after it found: ${seen.summary}`];
}

async function tryMove(run: Run, { item, work }: Move): Promise<Problem | null> {
  try {
    await run.step(item, work);
    return null;
  } catch (error) {
    return problemOf(error);
  }
}

function troubleOf({ trouble }: Pick<Move, 'trouble'>, problem: Problem | null): readonly string[] {
  return problem ? [`${trouble} (${problem.message})`] : [];
}
