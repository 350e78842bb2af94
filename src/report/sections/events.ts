/** What people said to the run, and everything that happened in it. */
import type { RunEvent } from '../../model/event.ts';
import { type Block, type Cell, cell, code, paragraph, type Section, type Tone } from '../document.ts';
import { EVENT_INDENT, eventLine } from '../event-line.ts';
import type { ReportInput } from '../report-document.ts';

const SAID = new Set<RunEvent['kind']>([
  'decided',
  'approved',
  'approval-void',
  'rejected',
  'message-refused',
  'paused',
  'resumed',
  'abort-asked',
  'cancel-asked',
]);

const TONES: Partial<Record<RunEvent['kind'], Tone>> = {
  'item-failed': 'bad',
  'item-waived': 'warn',
  'message-refused': 'warn',
  'approval-void': 'warn',
  'abort-asked': 'warn',
  'cancel-asked': 'warn',
  'undo-started': 'warn',
};

/** Approvals, decisions and refused messages in their order; null where nobody said anything. */
export function messageSection({ events, state }: ReportInput): Section | null {
  const said = events.filter((event) => SAID.has(event.kind));
  if (said.length > 0) return { title: 'What was said to the run', blocks: [eventTable(said)] };
  if (state.refusals.length === 0) return null;
  const rows = state.refusals.map(({ at, by, message, reason }) => [
    code(clock(at)),
    cell(`${message} by ${by} refused: ${reason}`, 'warn'),
  ]);
  return { title: 'What was said to the run', blocks: [{ kind: 'table', head: ['Time', 'What'], rows }] };
}

export function eventSection({ events }: ReportInput): Section {
  const title = 'All events';
  if (events.length === 0) {
    return {
      title,
      blocks: [
        paragraph(
          'They could not be read: no worker answered. Everything above is from the state that Temporal keeps.',
          'warn',
        ),
      ],
    };
  }
  return { title, blocks: [eventTable(events)] };
}

function eventTable(events: readonly RunEvent[]): Block {
  return { kind: 'table', head: ['Time', 'What'], rows: events.map(eventRow) };
}

function eventRow(event: RunEvent): Cell[] {
  // The terminal's own words, without its time and with less indentation: one wording for what happened.
  const text = eventLine(event).slice('14:03:07 '.length).replaceAll(`\n${EVENT_INDENT}`, '\n  ');
  return [code(clock(event.at)), cell(text.trim(), TONES[event.kind] ?? 'plain')];
}

function clock(at: string): string {
  return at.slice(11, 23);
}
