/** What a watcher can do about a question, right under it: the commands that answer it, and nothing else. */
import type { RunEvent } from '../model/event.ts';
import { shortDigest } from '../model/plan.ts';
import { approving, DRYDOCK, deciding, drydockCommand, plainly, type Steering } from './commands.ts';
import { EVENT_INDENT } from './event-line.ts';
import { type Palette, PLAIN } from './palette.ts';

/** Lines for an event that asks something of a person; none for all others. */
export function hintLines(
  event: RunEvent,
  workflowId: string,
  { cli = DRYDOCK, palette = PLAIN }: { readonly cli?: string; readonly palette?: Palette } = {},
): string[] {
  const command = (steering: Steering): string => drydockCommand(steering, workflowId, cli);
  const line = (label: string, text: string): string => `${EVENT_INDENT}${palette.dim(label.padEnd(13))}${text}`;
  switch (event.kind) {
    case 'approval-asked':
      return [
        line('look at it:', `${cli} plan ${workflowId}`),
        line('approve it:', command(approving(shortDigest(event.digest)))),
        line('or reject:', command(plainly('reject'))),
      ];
    case 'decision-asked':
      return [
        ...(event.retry === 'not-possible' ? [] : [line('check again:', command(deciding(event.item.id, 'retry')))]),
        ...(event.waivable ? [line('or waive it:', command(deciding(event.item.id, 'waive')))] : []),
        line('or abort:', command(plainly('abort'))),
      ];
    default:
      return [];
  }
}
