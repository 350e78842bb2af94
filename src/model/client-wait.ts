/** How long a pooler lets clients wait, beside how long a window makes them wait: what a plan says of it. */
import { formatDuration } from './duration.ts';

export interface ClientWait {
  /** Of the target's poolers, the one that drops waiting clients first. */
  readonly pooler: string;
  /** Its setting: `query_wait_timeout`. */
  readonly setting: string;
  readonly limitMs: number;
  /** What the steps took together when they were rehearsed; null: no rehearsal of them is kept. */
  readonly workMs: number | null;
}

/** One line. `drainMs`: of the plan's window. */
export function clientWaitWords({ pooler, setting, limitMs, workMs }: ClientWait, drainMs: number): string {
  const limit = `clients may wait ${formatDuration(limitMs)} at ${pooler} (${setting})`;
  if (workMs === null) {
    const more = formatDuration(limitMs - drainMs);
    return `${limit}, ${more} more than the quiet takes; how long the steps take is not known: no rehearsal of them is kept`;
  }
  const left = formatDuration(limitMs - drainMs - workMs);
  return `${limit}, ${left} more than the quiet and about ${formatDuration(workMs)} of work, as rehearsed without rows`;
}
