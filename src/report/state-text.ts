/**
 * The ten-second view of a run, for a person who was woken: what this is, what is waited for, what will happen, what was
 * found, what an abort would do now, and the exact commands. Within 40 lines of 100 columns.
 */
import { headline, planSentence } from '../model/brief.ts';
import { formatDuration } from '../model/duration.ts';
import { impactSentences } from '../model/impact.ts';
import { type Plan, shortDigest } from '../model/plan.ts';
import type { Problem } from '../model/problem.ts';
import type { RunState } from '../model/state.ts';
import { needsLease } from '../model/target.ts';
import { migrationName, type UndoPreview } from '../model/undo.ts';
import { DRYDOCK } from './commands.ts';
import { foundLines } from './found-lines.ts';
import { holdLines } from './hold-lines.ts';
import { elapsedMs, instant, timeLeft } from './instant.ts';
import { outcomeMeaning, outcomeTone } from './outcome-words.ts';
import { type Palette, PLAIN } from './palette.ts';
import { oneLine, printableValue } from './printable.ts';
import { problemParts } from './problem-text.ts';
import { steeringLines } from './steering-lines.ts';
import { cut, wrap } from './wrap.ts';

/** How many lines the view may have. What does not fit is said to be left out, and where it is found. */
export const STATE_LINES = 40;

export interface StateTextOptions {
  readonly palette?: Palette;
  /** How the command line is called: in the commands that are printed. */
  readonly cli?: string;
  /** What the reader should know about where the state comes from: `no worker answers; …`. */
  readonly notes?: readonly string[];
}

/** Lines joined by `\n`. Plan and undo are null where they could not be read; `now` is the reader's clock. */
export function stateText(
  givenState: RunState,
  givenPlan: Plan | null,
  undo: UndoPreview | null,
  now: Date,
  options: StateTextOptions = {},
): string {
  const [state, plan] = [printableValue(givenState), printableValue(givenPlan)];
  const palette = options.palette ?? PLAIN;
  const cli = options.cli ?? DRYDOCK;
  const head = [
    palette.bold(cut(oneLine(headline(state)))),
    ...wrap(aboutLine(state, now), FLUSH),
    ...(options.notes ?? []).flatMap((note) =>
      wrap(oneLine(note), { first: `${'!'} `, rest: '  ' }).map(palette.yellow),
    ),
    ...waitingLines(state, now, palette),
    ...endingLines(state, palette),
  ];
  const will = state.outcome === null && plan ? ['', ...planLines(plan, state)] : [];
  const tail =
    state.outcome === null ? ['', ...abortLines(undo), ...steeringLines(state, cli)] : afterwardLines(state, cli);
  const room = STATE_LINES - head.length - will.length - tail.length;
  return [...head, ...will, ...foundLines(state, Math.max(4, room), palette), ...tail].join('\n');
}

const FLUSH = { first: '', rest: '  ' };

function aboutLine(state: RunState, now: Date): string {
  const took = elapsedMs(state.startedAt, state.endedAt ?? now.toISOString());
  const ended = state.endedAt ? `, ended ${instant(state.endedAt)}` : '';
  const since = took === null ? '' : ` (${formatDuration(took)}${state.endedAt ? '' : ' ago'})`;
  const database = state.database ? `database ${state.database}; ` : '';
  return `${database}asked for by ${oneLine(state.requestedBy)}, started ${instant(state.startedAt)}${ended}${since}; workflow ${state.workflowId}`;
}

function waitingLines(state: RunState, now: Date, palette: Palette): string[] {
  const { waiting } = state;
  const lines: string[] = [];
  if (state.outcome !== null) return lines;
  if (waiting && waiting.kind !== 'resume') {
    const what =
      waiting.kind === 'approval'
        ? `the approval of plan ${shortDigest(waiting.digest)}`
        : `a decision about ${waiting.item.id}`;
    const text = `Waits for ${what} until ${instant(waiting.expiresAt)}: ${timeLeft(waiting.expiresAt, now)}.`;
    lines.push(...wrap(text, FLUSH).map(palette.yellow));
  }
  if (state.stop)
    lines.push(
      ...wrap(
        `Being ended: ${state.stop.kind} by ${oneLine(state.stop.by)}: ${oneLine(state.stop.reason)}.`,
        FLUSH,
      ).map(palette.yellow),
    );
  if (state.paused) {
    const why = state.paused.reason ? `: ${oneLine(state.paused.reason)}` : '';
    lines.push(...wrap(`Paused by ${oneLine(state.paused.by)}${why}.`, FLUSH).map(palette.yellow));
  }
  if (state.standing)
    lines.push(
      ...wrap(`Standing still since ${instant(state.standing.since)}: ${oneLine(state.standing.because)}.`, FLUSH).map(
        palette.yellow,
      ),
    );
  if (state.held) lines.push(...wrap(`Hold: ${oneLine(holdOf(state))}.`, FLUSH));
  const refusal = state.refusals.at(-1);
  if (refusal)
    lines.push(
      ...wrap(`Last refused: ${refusal.message} by ${oneLine(refusal.by)}: ${oneLine(refusal.reason)}`, FLUSH),
    );
  return lines;
}

/** In the words of the step that took it: with some targets traffic is held, with others it only has to stay away. */
function holdOf(state: RunState): string {
  return state.items.find(({ phase, id }) => phase === 'window' && id === 'hold')?.summary ?? 'traffic is held';
}

function endingLines(state: RunState, palette: Palette): string[] {
  if (state.outcome === null) return [];
  const tone = { good: palette.green, warn: palette.yellow, bad: palette.red }[outcomeTone(state.outcome)];
  const { before, after, differences } = state.fingerprints;
  const compared = state.outcome === 'rolled-back' || state.outcome === 'undo-failed';
  return [
    ...wrap(`${oneLine(state.sentence ?? '')}.`, FLUSH).map(tone),
    ...wrap(outcomeMeaning(state.outcome), FLUSH),
    ...(compared && before && after
      ? [
          `Schema before ${shortDigest(before)}, after ${shortDigest(after)}: ${before === after ? 'equal' : 'NOT equal'}.`,
        ]
      : []),
    ...(compared ? differences.slice(0, 5).map((line) => cut(`  ${oneLine(line)}`)) : []),
    ...(state.problem && !isShownBelow(state, state.problem) ? problemParts(state.problem, '  ') : []),
  ];
}

/** The item that failed shows its problem itself, but for those of the load, which are not listed. */
function isShownBelow({ items }: RunState, { code, message }: Problem): boolean {
  return items.some(
    ({ phase, status, problem }) =>
      phase !== 'load' && status === 'failed' && problem?.code === code && problem.message === message,
  );
}

function planLines(plan: Plan, { waiting }: RunState): string[] {
  const moved = plan.steps.filter((step) => step.kind === 'apply' || step.kind === 'revert');
  const names = moved.map((step) => `${step.kind === 'revert' ? '-' : '+'}${migrationName(step.migration)}`);
  // Whoever approves has to know for whom it is felt; later, room is for what happens.
  const impact = waiting?.kind === 'approval' ? impactSentences(plan).flatMap((one) => wrap(oneLine(one), FLUSH)) : [];
  const list = cutList(wrap(names.join(' '), { first: '  ', rest: '  ' }), 4);
  return [
    ...wrap(planSentence(plan), FLUSH),
    ...list,
    ...impact,
    ...(waiting?.kind === 'approval' ? holdSentence(plan) : []),
  ];
}

/** Who is kept away, and how; nothing where somebody else does it, as the plan's sentence says. */
function holdSentence({ target }: Plan): string[] {
  if (!needsLease(target)) return [];
  return wrap(oneLine(`Traffic: ${holdLines(target).join('; ')}.`), FLUSH);
}

function abortLines(undo: UndoPreview | null): string[] {
  if (!undo) return ['What an abort would do now cannot be told while no worker answers.'];
  return wrap(`${undo.sentence.replace(/^an abort would/, 'An abort now would')}.`, FLUSH);
}

function afterwardLines(state: RunState, cli: string): string[] {
  const shown = state.next && state.next !== state.problem?.next ? wrap(`next: ${oneLine(state.next)}`, FLUSH) : [];
  const files = state.reportFiles.map((file) => `  ${oneLine(file)}`);
  return ['', ...shown, `Report: ${cli} report ${state.workflowId}`, ...cutList(files, 4)];
}

function cutList(lines: readonly string[], most: number): string[] {
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most - 1), `  … and ${lines.length - most + 1} lines more`];
}
