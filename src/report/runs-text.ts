/** A list of runs as a table for the terminal: which, what became of it, when, how long, who asked. */
import { formatDuration } from '../model/duration.ts';
import type { RunOutcome } from '../model/event.ts';
import { elapsedMs } from './instant.ts';
import { outcomeMark, outcomeTone } from './outcome-words.ts';
import { type Palette, PLAIN } from './palette.ts';
import { oneLine } from './printable.ts';
import { cut } from './wrap.ts';

/** The parts of a run that a list shows. Times are ISO 8601 in UTC. */
export interface RunLine {
  readonly workflowId: string;
  readonly operation: string;
  readonly outcome: RunOutcome | null;
  readonly closed: boolean;
  /** What it is at, or how it ended. */
  readonly doing: string;
  readonly requestedBy: string | null;
  readonly startedAt: string;
  readonly closedAt: string | null;
}

/** A heading and a line per run, or a sentence where there is none. `now` tells how long an open run is at work. */
export function runsText(runs: readonly RunLine[], now: Date, palette: Palette = PLAIN): string {
  if (runs.length === 0) return 'no runs';
  const rows = runs.map((run) => cells(run, now));
  const head = ['', 'RUN', 'OPERATION', 'STATUS', 'STARTED (UTC)', 'TOOK', 'ASKED BY'];
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [palette.dim(line(head)), ...rows.map((row, index) => coloured(line(row), runs[index]!, palette))].join('\n');
}

function cells(run: RunLine, now: Date): string[] {
  const tookMs = elapsedMs(run.startedAt, run.closedAt ?? now.toISOString()) ?? 0;
  return [
    mark(run),
    run.workflowId,
    run.operation,
    cut(oneLine(run.doing), 48),
    `${run.startedAt.slice(0, 10)} ${run.startedAt.slice(11, 19)}`,
    formatDuration(tookMs),
    oneLine(run.requestedBy ?? '?'),
  ];
}

function mark({ outcome, closed }: RunLine): string {
  if (outcome) return outcomeMark(outcome);
  return closed ? '✗' : '▶';
}

function coloured(line: string, { outcome, closed }: RunLine, palette: Palette): string {
  if (!outcome) return closed ? palette.red(line) : palette.bold(line);
  return { good: (text: string) => text, warn: palette.yellow, bad: palette.red }[outcomeTone(outcome)](line);
}
