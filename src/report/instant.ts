/** Moments for reading, always in UTC and always saying so once. Knows no clock: moments are passed in. */
import { formatDuration } from '../model/duration.ts';

/** `14:03:07` of an ISO 8601 text in UTC; eight blanks where there is none. */
export function clockTime(at: string): string {
  return at === '' ? ' '.repeat(8) : at.slice(11, 19);
}

/** `2026-11-22 14:03:07 UTC`; `–` where there is none. */
export function instant(at: string | null): string {
  return at ? `${at.slice(0, 10)} ${at.slice(11, 19)} UTC` : '–';
}

/** What is left until `until`, seen from `now`: `3 h 55 min left`, `over since 2 min 3 s`. */
export function timeLeft(until: string, now: Date): string {
  const leftMs = Date.parse(until) - now.getTime();
  return leftMs > 0 ? `${formatDuration(leftMs)} left` : `over since ${formatDuration(-leftMs)}`;
}

/** Milliseconds between two ISO 8601 texts; null where one of them is missing. */
export function elapsedMs(from: string | null, to: string | null): number | null {
  return from && to ? Math.max(0, Date.parse(to) - Date.parse(from)) : null;
}
