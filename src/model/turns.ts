/** Which events of a run are turns that people are told about, and what they are told: one line, from what the run knows anyway. */
import { assertNever } from './assert-never.ts';
import { planSentence } from './brief.ts';
import { formatDuration } from './duration.ts';
import type { Phase, RunEvent } from './event.ts';
import type { NotificationMessage, Notifier, Turn } from './notification.ts';
import { savedRowsText } from './outcome.ts';
import { type Plan, shortDigest } from './plan.ts';
import type { RunState } from './state.ts';
import { approving, DRYDOCK, deciding, drydockCommand, plainly } from './steering.ts';

/** Failures before the window become questions, which are turns of their own. */
const PHASES_TOLD = ['window', 'execution', 'validation', 'undo', 'release'];

/** The turn that this event is; undefined for the many that are none. */
export function turnOf(event: RunEvent): Turn | undefined {
  switch (event.kind) {
    case 'approval-asked':
    case 'decision-asked':
    case 'approved':
    case 'standing-still':
    case 'paused':
      return event.kind;
    case 'hold-taken':
      return 'draining';
    case 'hold-released':
      return 'released';
    case 'item-failed':
      return PHASES_TOLD.includes(event.item.phase) ? 'step-failed' : undefined;
    case 'verified':
      return event.before === event.after ? 'compensated' : undefined;
    case 'finished':
      return event.outcome === 'done' || event.outcome === 'up-to-date' ? 'done' : 'not-done';
    default:
      return undefined;
  }
}

/** Who is told about a turn. */
export function notifiersOf(notify: readonly Notifier[] | undefined, turn: Turn): readonly Notifier[] {
  return (notify ?? []).filter(({ on }) => on === undefined || on.includes(turn));
}

/** The last event with the state after it; `plan`: null before there is one. */
export interface Told {
  readonly event: RunEvent;
  readonly state: RunState;
  readonly plan: Plan | null;
  /** How the reader calls our command line. Default: as in a checkout. */
  readonly cli?: string;
}

/** What people are told about this event; undefined where it is no turn. */
export function messageFor(told: Told): NotificationMessage | undefined {
  const { event, state } = told;
  const turn = turnOf(event);
  if (turn === undefined) return undefined;
  const { runbook, target, environment, workflowId, runId } = state;
  const text = oneLine(`${whichRun(state)}: ${words(told, turn)}`);
  return { turn, runbook, target, environment, workflowId, runId, text, at: event.at };
}

function whichRun({ operation, runbook, target, environment }: RunState): string {
  return `${operation} ${runbook} on ${target}${environment ? ` (${environment})` : ''}`;
}

type Kind<K extends RunEvent['kind']> = Extract<RunEvent, { kind: K }>;

// Every turn is one kind of event, so each reads its own.
function words(told: Told, turn: Turn): string {
  const { event } = told;
  switch (turn) {
    case 'approval-asked':
      return askApproval(told, event as Kind<'approval-asked'>);
    case 'decision-asked':
      return askDecision(told, event as Kind<'decision-asked'>);
    case 'approved':
      return approved(told, event as Kind<'approved'>);
    case 'draining':
      return draining(told, event as Kind<'hold-taken'>);
    case 'standing-still':
      return standing(told, event as Kind<'standing-still'>);
    case 'paused':
      return paused(told, event as Kind<'paused'>);
    case 'step-failed':
      return failed(event as Kind<'item-failed'>);
    case 'compensated':
      return compensated(told, event as Kind<'verified'>);
    case 'released':
      return `traffic may come back: ${(event as Kind<'hold-released'>).how}.`;
    case 'done':
    case 'not-done':
      return finished(told, event as Kind<'finished'>);
    default:
      return assertNever(turn);
  }
}

function askApproval({ state, plan, cli }: Told, event: Kind<'approval-asked'>): string {
  const digest = shortDigest(event.digest);
  const what = plan ? planSentence(plan) : `Plan ${digest}.`;
  const approve = command(state, approving(digest), cli);
  const reject = command(state, plainly('reject'), cli);
  return `approval is asked for. ${what} It waits ${waits(event)}. Approve: ${approve}. Reject: ${reject}.`;
}

function askDecision({ state, cli }: Told, event: Kind<'decision-asked'>): string {
  const { item, waivable, retry } = event;
  const problem = state.items.find(({ phase, id }) => phase === item.phase && id === item.id)?.problem;
  const without = item.phase === 'execution' ? 'Accept it and go on' : 'Go on without it';
  const answers = [
    ...(retry === 'not-possible' ? [] : [`Try it again: ${command(state, deciding(item.id, 'retry'), cli)}.`]),
    ...(waivable ? [`${without}: ${command(state, deciding(item.id, 'waive'), cli)}.`] : []),
    `End the run: ${command(state, plainly('abort'), cli)}.`,
  ];
  const why = problem ? `: ${problem.message}` : '';
  return `a decision is asked for about "${item.title}"${why}. It waits ${waits(event)}. ${answers.join(' ')}`;
}

function approved({ plan }: Told, { by, reason, digest }: Kind<'approved'>): string {
  const quiet = plan ? `${formatDuration(plan.window.drainMs)} of quiet` : 'quiet';
  const because = reason === '' ? '' : `: ${reason}`;
  return `plan ${shortDigest(digest)} is approved by ${by}${because}. The checks are taken again, then traffic is held and ${quiet} proven.`;
}

function draining({ state, plan, cli }: Told, { how }: Kind<'hold-taken'>): string {
  const next = plan ? ` ${planSentence(plan)}` : '';
  return `the drain window is open: ${how}.${next} End it: ${command(state, plainly('abort'), cli)}.`;
}

function standing({ state, cli }: Told, { because, during }: Kind<'standing-still'>): string {
  if (during === 'undo') return `it stands still: ${because}. A person is needed; then it goes on by itself.`;
  return `it stands still before its next step: ${because}. It goes on by itself. End it: ${command(state, plainly('abort'), cli)}.`;
}

const AFTER_FAILURE: Readonly<Partial<Record<Phase, string>>> = {
  undo: 'A person is needed',
  release: 'The run goes on; a person should look',
};

function paused({ state, cli }: Told, { by, reason }: Kind<'paused'>): string {
  const because = reason === '' ? '' : `: ${reason}`;
  return `paused by ${by}${because}; it waits before its next step. Go on: ${command(state, plainly('resume'), cli)}.`;
}

function failed({ item, problem }: Kind<'item-failed'>): string {
  return `"${item.title}" failed: ${problem.code}: ${problem.message}. ${AFTER_FAILURE[item.phase] ?? 'What was done is undone, unless a person is asked'}.`;
}

function compensated({ state }: Told, { after }: Kind<'verified'>): string {
  const saved = state.saved.map(savedRowsText).join('; ');
  const rows = saved === '' ? '' : `; rows that were dropped are in files: ${saved}`;
  return `everything was undone, and the schema is proven to be as before (${shortDigest(after)})${rows}.`;
}

function finished({ state, cli = DRYDOCK }: Told, { outcome, sentence, next }: Kind<'finished'>): string {
  const held = state.heldUntil
    ? ` Traffic stays away until ${instant(state.heldUntil)}: \`${cli} release --target ${state.target}\` lets it back in.`
    : '';
  const then = next && next !== 'nothing to do' ? ` Next: ${next.replace(/\.$/, '')}.` : '';
  return `${outcome}: ${sentence}.${held}${then}`;
}

function command(state: RunState, steering: Parameters<typeof drydockCommand>[0], cli?: string): string {
  return `\`${drydockCommand(steering, state.workflowId, cli)}\``;
}

function waits({ at, expiresAt }: Kind<'approval-asked' | 'decision-asked'>): string {
  return `${formatDuration(Date.parse(expiresAt) - Date.parse(at))}, until ${instant(expiresAt)}`;
}

/** `2026-08-01 14:03 UTC`. */
function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

const LONGEST = 2_000;

/** Reasons and messages may hold line breaks; control characters are nothing for a chat. */
function oneLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
