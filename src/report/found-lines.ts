/** What a run has found and done so far, the worst first, in as many lines as there is room for. */
import { statusMark } from '../model/brief.ts';
import type { Phase } from '../model/event.ts';
import type { ItemState, ItemStatus, RunState } from '../model/state.ts';
import type { Palette } from './palette.ts';
import { oneLine } from './printable.ts';
import { problemParts } from './problem-text.ts';
import { cut, wrap } from './wrap.ts';

const WORST_FIRST: readonly ItemStatus[] = ['failed', 'running', 'waived', 'skipped', 'passed'];

/** A blank line, a heading per phase with counts, and its items: failed and waived ones in full, passed ones by their id. */
export function foundLines(state: RunState, room: number, palette: Palette): string[] {
  const lines = PHASES.flatMap(({ phase, title }) => phaseLines(state, { phase, title }, palette));
  if (lines.length === 0) return [];
  const shown = lines.slice(0, room - 1);
  const missing = lines.length - shown.length;
  return ['', ...(missing > 1 ? [...shown.slice(0, -1), `  … ${missing + 1} lines more in the report`] : lines)];
}

const PHASES: readonly { phase: Phase; title: string }[] = [
  { phase: 'undo', title: 'Undo' },
  { phase: 'checklist', title: 'Checklist' },
  { phase: 'window', title: 'Window' },
  { phase: 'execution', title: 'Execution' },
  { phase: 'validation', title: 'Validation' },
];

function phaseLines(state: RunState, { phase, title }: { phase: Phase; title: string }, palette: Palette): string[] {
  const items = state.items.filter((item) => item.phase === phase);
  if (items.every((item) => item.status === 'pending')) return [];
  const worst = WORST_FIRST.flatMap((status) => items.filter((item) => item.status === status));
  const loud = worst.filter((item) => item.status !== 'passed');
  const passed = items.filter((item) => item.status === 'passed').map((item) => item.id);
  return [
    `${title}: ${counts(items)}`,
    ...loud.flatMap((item) => itemLines(item, palette)),
    ...(passed.length > 0 ? wrap(passed.join(', '), { first: `  ${statusMark('passed')} `, rest: '    ' }) : []),
  ];
}

function counts(items: readonly ItemState[]): string {
  const all: readonly ItemStatus[] = [...WORST_FIRST, 'pending'];
  const parts = all.map((status) => [items.filter((item) => item.status === status).length, status] as const);
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, status]) => `${amount} ${status}`)
    .join(', ');
}

function itemLines(item: ItemState, palette: Palette): string[] {
  const mark = `  ${statusMark(item.status)} `;
  const margins = { first: mark, rest: '    ' };
  switch (item.status) {
    case 'failed':
      return [
        ...wrap(oneLine(`${item.title} [${item.id}]: ${item.problem?.message ?? 'failed'}`), margins).map(palette.red),
        ...(item.problem ? problemParts(item.problem, '    ') : []),
      ];
    case 'waived':
      return wrap(
        oneLine(`${item.title}: waived by ${item.waiver?.by ?? '?'}: ${item.waiver?.reason ?? ''}`),
        margins,
      ).map(palette.yellow);
    default:
      return [cut(oneLine(`${item.title}${item.summary ? `: ${item.summary}` : ''}`).replace(/^/, mark))];
  }
}
