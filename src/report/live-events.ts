/** Events as they stand in a live view: what is being done is replaced by its result, and nothing is said twice. */
import type { RunEvent } from '../model/event.ts';
import { eventLine } from './event-line.ts';
import type { LineWriter } from './live-lines.ts';
import { type Palette, PLAIN } from './palette.ts';

// The line of the item that they belong to says the same; the report lists them for the record.
const SAID_BY_THEIR_ITEM: ReadonlySet<RunEvent['kind']> = new Set([
  'claimed',
  'hold-taken',
  'hold-released',
  'fingerprint-before',
]);

export function showEvent(
  lines: LineWriter,
  event: RunEvent,
  { terminal, palette }: { readonly terminal: 'interactive' | 'plain'; readonly palette: Palette },
): void {
  if (SAID_BY_THEIR_ITEM.has(event.kind)) return;
  // The width of a passing line is counted, so it has no colour there.
  if (event.kind === 'item-started') lines.passing(eventLine(event, terminal === 'interactive' ? PLAIN : palette));
  else lines.lasting(eventLine(event, palette));
}
