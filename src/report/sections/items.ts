/** What was checked and done: each item with what was measured against which limit, how long it took, and who waived it. */
import { statusMark } from '../../model/brief.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Phase } from '../../model/event.ts';
import type { Problem } from '../../model/problem.ts';
import type { ItemState } from '../../model/state.ts';
import { type Block, type Cell, cell, code, paragraph, type Section, type Tone } from '../document.ts';
import { evidenceText } from '../evidence-text.ts';
import type { ReportInput } from '../report-document.ts';
import { type Span, spansOf } from '../timeline.ts';

const TONES: Readonly<Record<ItemState['status'], Tone>> = {
  pending: 'quiet',
  running: 'warn',
  passed: 'good',
  failed: 'bad',
  waived: 'warn',
  skipped: 'quiet',
};

/** The checklist with its evidence, one row per measured value. */
export function checklistSection({ state }: ReportInput): Section | null {
  const items = state.items.filter((item) => item.phase === 'checklist');
  if (items.length === 0) return null;
  const rows = items.flatMap((item) => checkRows(item));
  const again = items.some((item) => item.attempts > 1)
    ? [paragraph('Items are checked again after the approval: the values are those of the last time.', 'quiet')]
    : [];
  return {
    title: 'Checklist',
    blocks: [{ kind: 'table', head: ['', 'Item', 'Measured', 'Value', 'Limit'], rows }, ...again],
  };
}

function checkRows(item: ItemState): Cell[][] {
  const said = item.problem ? problemFacts(item.problem) : (item.summary ?? '');
  const first = [
    statusCell(item),
    cell(item.title),
    cell(said, item.problem ? TONES[item.status] : 'plain'),
    cell(''),
    cell(''),
  ];
  const measured = item.evidence.map(({ name, value, limit }) => [
    cell(''),
    cell(''),
    cell(name, 'quiet'),
    cell(value),
    cell(limit ?? ''),
  ]);
  return [first, ...measured];
}

export function waiverSection({ state }: ReportInput): Section | null {
  const waived = state.items.filter((item) => item.waiver);
  if (waived.length === 0) return null;
  const rows = waived.map((item) => [cell(item.title), cell(item.waiver?.by ?? ''), cell(item.waiver?.reason ?? '')]);
  return { title: 'Waivers', blocks: [{ kind: 'table', head: ['Item', 'Waived by', 'Because'], rows }] };
}

const PHASES: readonly { readonly phase: Phase; readonly title: string }[] = [
  { phase: 'window', title: 'Drain window' },
  { phase: 'execution', title: 'Execution' },
  { phase: 'validation', title: 'Validation' },
  { phase: 'undo', title: 'Undo' },
  { phase: 'release', title: 'Release' },
];

/** One section per later phase that has begun, with a bar per item on that phase's own scale. */
export function itemSections({ state, events }: ReportInput): Section[] {
  const spans = spansOf(events).filter((span) => span.kind === 'item');
  return PHASES.flatMap(({ phase, title }) => {
    const items = state.items.filter((item) => item.phase === phase);
    if (items.every((item) => item.status === 'pending')) return [];
    const rows = items.map((item) => stepRow(item, spans));
    const table: Block = { kind: 'table', head: ['', 'Item', 'What was done', 'Took', ''], rows };
    return [{ title, blocks: [table] }];
  });
}

function stepRow(item: ItemState, spans: readonly Span[]): Cell[] {
  const said = item.problem ? problemFacts(item.problem) : (item.summary ?? '');
  const evidence = item.evidence.map(evidenceText).join('; ');
  const whole = [said, evidence].filter((part) => part !== '').join(' – ');
  const tookMs = item.durationMs ?? spanMs(spans, item);
  const took = tookMs === undefined ? '' : formatDuration(tookMs);
  return [
    statusCell(item),
    cell(item.title),
    cell(whole, item.problem ? 'bad' : 'plain'),
    cell(took),
    barCell(item, spans),
  ];
}

/** A failure says no duration of its own. */
function spanMs(spans: readonly Span[], item: ItemState): number | undefined {
  const span = spans.findLast(({ phase, id }) => phase === item.phase && id === item.id);
  return span && span.endMs - span.startMs;
}

/** What happened, was found and was expected, in lines; the way out stands in the summary, where it is the run's. */
function problemFacts({ code: name, message, found, expected }: Problem): string {
  const lines = [`${name}: ${message}`, found && `found: ${found}`, expected && `expected: ${expected}`];
  return lines.filter(Boolean).join('\n');
}

function barCell(item: ItemState, spans: readonly Span[]): Cell {
  const ofPhase = spans.filter((span) => span.phase === item.phase);
  const own = ofPhase.findLast((span) => span.id === item.id);
  const [first, last] = [ofPhase[0], ofPhase.at(-1)];
  if (!own || !first || !last) return cell('');
  const wholeMs = Math.max(1, last.endMs - first.startMs);
  const bar = { start: (own.startMs - first.startMs) / wholeMs, width: (own.endMs - own.startMs) / wholeMs };
  return { ...cell('', own.result === 'failed' ? 'bad' : 'good'), bar };
}

function statusCell(item: ItemState): Cell {
  const times = item.attempts > 1 ? ` ×${item.attempts}` : '';
  return code(`${statusMark(item.status)} ${item.status}${times}`, TONES[item.status]);
}
