/**
 * When a guard tries again what it could not let go of: once a second at first, because traffic comes first, then less and less often,
 * and for ever. It knows nothing of what is held.
 */
import type { Clock } from '../postgres/clock.ts';

export interface Tries {
  isDue(): boolean;
  /** One more was made in vain. How many there were since the last change. */
  made(): number;
  /** Something has changed: once a second again, and counted anew. */
  afresh(): void;
}

const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** For how long the shortest pause is kept to. */
const SOON_FOR_MS = 10_000;
/** A timer may fire a moment early, and a try must not wait for the look after the next because of it. */
const EARLY_MS = 20;

/** `random`: 0 to 1, so that several guards of one pooler do not come at the same moment. */
export function countTries(clock: Clock, random: () => number = Math.random): Tries {
  let amount = 0;
  let firstAtMs = 0;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let pauseMs = 0;
  let growingMs = SHORTEST_PAUSE_MS;
  return {
    isDue: () => clock.nowMs() >= lastAtMs + pauseMs - EARLY_MS,
    made: () => {
      lastAtMs = clock.nowMs();
      if (amount === 0) firstAtMs = lastAtMs;
      amount += 1;
      if (lastAtMs - firstAtMs < SOON_FOR_MS) {
        pauseMs = SHORTEST_PAUSE_MS;
      } else {
        growingMs = Math.min(growingMs * 2, LONGEST_PAUSE_MS);
        pauseMs = growingMs * (0.5 + random() / 2);
      }
      return amount;
    },
    afresh: () => {
      amount = 0;
      growingMs = SHORTEST_PAUSE_MS;
      pauseMs = Math.min(pauseMs, SHORTEST_PAUSE_MS);
    },
  };
}
