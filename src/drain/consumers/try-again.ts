/** Waiting between tries: growing and jittered, or as long as the other side asked for, and never past a deadline. */
import { isProblemError, ProblemError, type ProblemInput } from '../../model/problem.ts';
import { type Clock, jittered } from '../../postgres/clock.ts';

/** A failure that says itself when to come back. */
export class AskedToWait extends ProblemError {
  readonly retryAfterMs: number | undefined;

  constructor(problem: ProblemInput, retryAfterMs: number | undefined) {
    super(problem);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface Deadline {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** By the clock. */
  readonly atMs: number;
}

const FIRST_MS = 200;
const LONGEST_MS = 5_000;

/** How long to wait after this failed try, counted from 0. */
export function waitAfter(error: unknown, tries: number): number {
  const asked = error instanceof AskedToWait ? error.retryAfterMs : undefined;
  return asked ?? jittered(Math.min(LONGEST_MS, FIRST_MS * 2 ** tries));
}

/** True where the same again may work. */
export function isPassing(error: unknown): boolean {
  return isProblemError(error) && error.problem.retry === 'retry' && error.problem.code !== 'interrupted';
}

/** Waits, and gives `true`; or gives `false` at once where the deadline would be over by then. Error: `interrupted`. */
export async function waited(ms: number, { clock, signal, atMs }: Deadline): Promise<boolean> {
  if (clock.nowMs() + ms >= atMs) return false;
  await clock.pause(ms, signal);
  return true;
}

/** Does `work` until it works, fails for good, or the deadline is near; the last error is thrown then. */
export async function persist<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || !(await waited(waitAfter(error, tries), deadline))) throw error;
    }
  }
}
