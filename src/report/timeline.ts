/** When what happened: the events of a run as spans of time, of items and of waiting. Pure: its clock is the events'. */
import type { ItemRef, Phase, RunEvent } from '../model/event.ts';

export type SpanResult = 'passed' | 'failed' | 'waived' | 'waited' | 'open';

/** One stretch of time. Spans of items and of waiting never overlap: a run does one thing at a time. */
export interface Span {
  readonly kind: 'item' | 'approval' | 'decision';
  readonly phase: Phase;
  readonly id: string;
  readonly title: string;
  readonly startMs: number;
  readonly endMs: number;
  /** `open`: it had not ended when the events did. */
  readonly result: SpanResult;
}

/** Spans in the order of their start. An item that was started twice has two. */
export function spansOf(events: readonly RunEvent[]): readonly Span[] {
  const spans: Span[] = [];
  let open: Omit<Span, 'endMs' | 'result'> | null = null;
  for (const event of events) {
    const atMs = Date.parse(event.at);
    const result = open ? resultOf(event, open) : null;
    if (open && result) {
      spans.push({ ...open, endMs: atMs, result });
      open = null;
    }
    open = opened(event, atMs) ?? open;
    if (event.kind === 'item-waived') waive(spans, event.item);
  }
  const last = events.at(-1);
  if (open && last) spans.push({ ...open, endMs: Date.parse(last.at), result: 'open' });
  return spans;
}

/** A failure that somebody waived is shown as that, not as a failure of the run. */
function waive(spans: Span[], item: ItemRef): void {
  for (const [index, span] of spans.entries()) {
    if (span.kind === 'item' && sameItem(span, item) && span.result === 'failed')
      spans[index] = { ...span, result: 'waived' };
  }
}

function opened(event: RunEvent, startMs: number): Omit<Span, 'endMs' | 'result'> | null {
  switch (event.kind) {
    case 'item-started':
      return { kind: 'item', ...event.item, startMs };
    case 'approval-asked':
      return { kind: 'approval', phase: 'window', id: 'approval', title: 'Waiting for approval', startMs };
    case 'decision-asked': {
      const { phase, id, title } = event.item;
      return { kind: 'decision', phase, id, title: `Waiting for a decision about ${title}`, startMs };
    }
    default:
      return null;
  }
}

/** What this event makes of the open span: its result, or null where the span goes on. */
function resultOf(event: RunEvent, open: { kind: Span['kind'] } & ItemRef): SpanResult | null {
  switch (event.kind) {
    case 'item-passed':
      return sameItem(event.item, open) ? 'passed' : null;
    case 'item-failed':
      return sameItem(event.item, open) ? 'failed' : null;
    case 'approved':
    case 'rejected':
    case 'decided':
    case 'expired':
      return open.kind === 'item' ? null : 'waited';
    // Whatever was open is over once something else begins or the run ends.
    case 'item-started':
    case 'undo-started':
    case 'finished':
      return open.kind === 'item' ? 'failed' : 'waited';
    default:
      return null;
  }
}

function sameItem(item: ItemRef, open: ItemRef): boolean {
  return item.phase === open.phase && item.id === open.id;
}

/** Neighbouring spans of one phase as one: what an overview shows. */
export interface Stretch {
  readonly label: string;
  readonly kind: 'work' | 'waiting';
  readonly phase: Phase;
  readonly startMs: number;
  readonly endMs: number;
  readonly failed: boolean;
}

const PHASE_LABELS: Readonly<Record<Phase, string>> = {
  load: 'Load',
  checklist: 'Checklist',
  window: 'Drain',
  execution: 'Execution',
  validation: 'Validation',
  undo: 'Undo',
  release: 'Release',
};

/** Stretches in order; a phase that comes again is a stretch of its own. */
export function stretchesOf(spans: readonly Span[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const span of spans) {
    const next = stretchOf(span);
    const last = stretches.at(-1);
    if (last && last.label === next.label) {
      stretches[stretches.length - 1] = { ...last, endMs: next.endMs, failed: last.failed || next.failed };
    } else stretches.push(next);
  }
  return stretches;
}

function stretchOf(span: Span): Stretch {
  const waiting = span.kind !== 'item';
  const label = waiting
    ? `Waiting for ${span.kind === 'approval' ? 'approval' : 'a decision'}`
    : PHASE_LABELS[span.phase];
  const { phase, startMs, endMs, result } = span;
  return { label, kind: waiting ? 'waiting' : 'work', phase, startMs, endMs, failed: result === 'failed' };
}

/** How long traffic was held, from the first hold to its release, or to the last event; null where it never was. */
export function heldMs(events: readonly RunEvent[]): number | null {
  const taken = events.find((event) => event.kind === 'hold-taken');
  if (!taken) return null;
  const released = events.findLast((event) => event.kind === 'hold-released') ?? events.at(-1);
  return released ? Date.parse(released.at) - Date.parse(taken.at) : null;
}
