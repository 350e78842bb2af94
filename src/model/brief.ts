/**
 * A run in a few lines of Markdown for the Temporal UI's current details: what happens now, what is waited for,
 * what an abort would do. Pure and short, because it is kept up to date at every event.
 */
import { formatDuration } from './duration.ts';
import { impactSentences } from './impact.ts';
import { savedRowsText } from './outcome.ts';
import { LEAST_DIGEST_PREFIX, type Plan, shortDigest } from './plan.ts';
import type { ItemState, RunState } from './state.ts';
import type { UndoPreview } from './undo.ts';

const MARKS: Readonly<Record<ItemState['status'], string>> = {
  pending: '·',
  running: '▶',
  passed: '✓',
  failed: '✗',
  waived: '~',
  skipped: '-',
};

/** One sign per status of an item, the same in every rendering. */
export function statusMark(status: ItemState['status']): string {
  return MARKS[status];
}

/** The whole text, Markdown. */
export function briefMarkdown(state: RunState, plan: Plan | null, undo: UndoPreview): string {
  const lines = [`**${headline(state)}**`];
  if (plan) lines.push('', [planSentence(plan), ...impactSentences(plan)].join(' '));
  const waiting = waitingSentence(state);
  if (waiting) lines.push('', waiting);
  if (state.outcome === null) lines.push('', `Abort now: ${undo.sentence}.`);
  for (const item of state.items.filter((candidate) => candidate.status === 'failed')) {
    lines.push('', `✗ ${item.title}: ${item.problem?.message ?? 'failed'}`);
  }
  lines.push(
    '',
    ...state.items.map(
      (item) => `${statusMark(item.status)} ${item.title}${item.summary ? `: ${item.summary}` : ''}  `,
    ),
  );
  for (const saved of state.saved) lines.push('', `Rows dropped, saved: ${savedRowsText(saved)}`);
  const refusal = state.refusals.at(-1);
  if (refusal) lines.push('', `Last refused message: ${refusal.message} by ${refusal.by}: ${refusal.reason}`);
  return lines.join('\n');
}

/** What a run is about, in one line: `run communication on demo (demo): waiting for approval`. */
export function headline(state: RunState): string {
  return `${state.operation} ${state.runbook} on ${state.target}${state.environment ? ` (${state.environment})` : ''}: ${statusWord(state)}`;
}

/** The state in one or two words. */
export function statusWord(state: RunState): string {
  if (state.outcome) return state.outcome;
  if (state.paused) return `paused by ${state.paused.by}`;
  if (state.waiting?.kind === 'approval') return 'waiting for approval';
  if (state.waiting?.kind === 'decision') return `waiting for a decision about ${state.waiting.item.id}`;
  if (state.standing) return `standing still: ${state.standing.because}`;
  const running = state.items.find((item) => item.status === 'running');
  return running ? `${state.phase}, ${running.title}` : state.phase;
}

/** What will happen, for the person who approves it. */
export function planSentence(plan: Plan): string {
  const apply = plan.steps.filter((step) => step.kind === 'apply').length;
  const revert = plan.steps.filter((step) => step.kind === 'revert').length;
  const seeds = plan.steps.filter((step) => step.kind === 'seed').length;
  const parts = [
    revert > 0 ? `revert ${count(revert, 'migration')} (their rows are saved to files, and are not put back)` : '',
    apply > 0 ? `apply ${count(apply, 'migration')}` : '',
    seeds > 0 ? `seed ${count(seeds, 'set')} of rows` : '',
    plan.validation.length > 0 ? `run ${count(plan.validation.length, 'validation')}` : '',
  ].filter((part) => part !== '');
  return `Plan ${shortDigest(plan.digest)} on database ${plan.identity.database}: after ${formatDuration(plan.window.drainMs)} of proven quiet, ${parts.join(', ')}.`;
}

function waitingSentence(state: RunState): string {
  const { waiting } = state;
  if (waiting?.kind === 'approval') {
    return `Waiting until ${waiting.expiresAt} for \`approve\` with plan \`${shortDigest(waiting.digest)}\` (at least ${LEAST_DIGEST_PREFIX} hex digits), or \`reject\`.`;
  }
  if (waiting?.kind === 'decision') {
    const again = waiting.retry === 'not-possible' ? '' : '`retry`';
    const choice = waiting.waivable ? (again ? `${again} or \`waive\`` : '`waive`') : `${again} (it cannot be waived)`;
    return `Waiting until ${waiting.expiresAt} for \`decide\` about \`${waiting.item.id}\`: ${choice}.`;
  }
  return state.paused
    ? `Paused by ${state.paused.by}${state.paused.reason ? `: ${state.paused.reason}` : ''}; send \`resume\`.`
    : '';
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
