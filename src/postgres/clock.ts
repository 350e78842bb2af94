/** Time as a parameter: what waits is given a clock, so that a test can make waiting short without changing what waits. */
import { ProblemError } from '../model/problem.ts';

export interface Clock {
  /** Milliseconds that only ever grow; differences mean something, the value itself does not. */
  nowMs(): number;
  /** Resolves after `ms`; rejects with `interrupted` as soon as the signal aborts. */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  pause: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(interrupted());
      const onAbort = () => {
        clearTimeout(timer);
        reject(interrupted());
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

/** `ms`, half of it to one and a half times it: several waiters do not come back at the same moment. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random());
}

/** What an aborted piece of work ends with; it may be asked for again. */
export function interrupted(): ProblemError {
  return new ProblemError({
    code: 'interrupted',
    message: 'the work was interrupted',
    found: 'what was not committed is rolled back; what was committed is in the ledger',
    next: 'run `status`, then the same command again: it goes on from there',
    retry: 'retry',
  });
}
