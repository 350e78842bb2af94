/** Follows a run of the demo on the terminal and brings its questions to the person; what a person answers elsewhere counts too. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporalLink } from '../../client/connect.ts';
import { watchNote } from '../../client/notes.ts';
import { readRun } from '../../client/read.ts';
import type { RunDescription } from '../../client/run-description.ts';
import { sendMessage } from '../../client/send.ts';
import { type WatchItem, watchRun } from '../../client/watch.ts';
import type { RunEvent } from '../../model/event.ts';
import { isProblemError } from '../../model/problem.ts';
import type { RunState } from '../../model/state.ts';
import { showEvent } from '../../report/live-events.ts';
import { type LineWriter, lineWriter } from '../../report/live-lines.ts';
import { problemText } from '../../report/problem-text.ts';
import type { Person, Question } from './person.ts';
import type { Screen } from './screen.ts';
import { questionLines } from './story.ts';

export interface Following {
  readonly link: TemporalLink;
  readonly run: Pick<RunDescription, 'workflowId' | 'runId'>;
  readonly screen: Screen;
  readonly person: Person;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 500;

/** @returns the state in which the run ended. */
export async function followRun(following: Following): Promise<RunState> {
  const { link, run, screen, signal } = following;
  const lines = lineWriter(screen.write, screen.terminal, screen.columns);
  const watching = watchRun(link, run, { signal });
  let step = await watching.next();
  while (!step.done) {
    show(lines, screen, step.value);
    if (step.value.kind === 'event') await bringQuestion(following, lines, step.value.event);
    step = await watching.next();
  }
  lines.end();
  return step.value.state;
}

function show(lines: LineWriter, { terminal, palette }: Screen, item: WatchItem): void {
  if (item.kind === 'note') lines.lasting(palette.yellow(`! ${watchNote(item)}`));
  else showEvent(lines, item.event, { terminal, palette });
}

async function bringQuestion(following: Following, lines: LineWriter, event: RunEvent): Promise<void> {
  if (event.kind !== 'approval-asked' && event.kind !== 'decision-asked') return;
  const { state, plan, undo } = await readRun(following.link, following.run);
  const { waiting } = state;
  if (waiting?.kind !== 'approval' && waiting?.kind !== 'decision') return;
  lines.end();
  if (plan && undo && waiting.kind === 'approval')
    for (const line of questionLines(plan, undo)) following.screen.line(line);
  await answer(following, waiting);
}

async function answer({ link, run, screen, person, signal }: Following, question: Question): Promise<void> {
  const asking = new AbortController();
  const stopAsking = (): void => asking.abort();
  signal.addEventListener('abort', stopAsking, { once: true });
  const answeredElsewhere = watchQuestion(link, run, asking);
  try {
    const given = await person.answer(question, asking.signal);
    if (asking.signal.aborted) return;
    const sent = await sendMessage(link, run, { name: given.name, body: given.body });
    screen.line(screen.palette.dim(`           ${sent.answer}`));
  } catch (error) {
    // Taken away: answered elsewhere, or the demo ends.
    if (asking.signal.aborted) return;
    if (!isProblemError(error)) throw error;
    screen.line(problemText(error.problem, screen.palette));
  } finally {
    asking.abort();
    signal.removeEventListener('abort', stopAsking);
    await answeredElsewhere;
  }
}

/** Takes the question away when it is no longer open: someone answered it in the Temporal UI or from another terminal. */
async function watchQuestion(link: TemporalLink, run: Following['run'], asking: AbortController): Promise<void> {
  while (!asking.signal.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal: asking.signal }).catch(() => undefined);
    if (asking.signal.aborted) return;
    // A look that fails tells nothing; the answer itself will say so if there is trouble.
    const read = await readRun(link, run).catch(() => undefined);
    if (read && read.state.waiting === null) asking.abort();
  }
}
