/** How long each part of a window may be, wherever it is said: in a runbook, for a target or in a start input. */
import { formatDuration, parseDuration } from './duration.ts';

const HOUR_MS = 3_600_000;

/** The most, in milliseconds. The least is more than 0: a wait of nothing proves nothing. */
export const WINDOW_LIMITS_MS = {
  approvalTimeout: 30 * 24 * HOUR_MS,
  drain: 12 * HOUR_MS,
  drainTimeout: 12 * HOUR_MS,
} as const;

export type WindowKey = keyof typeof WINDOW_LIMITS_MS;

/** Whether a duration may be used there. */
export function isWithinLimit(key: WindowKey, durationMs: number): boolean {
  return durationMs > 0 && durationMs <= WINDOW_LIMITS_MS[key];
}

/** The same for a text that may be no duration at all, which is for others to refuse. */
export function isTextWithinLimit(key: WindowKey, text: string): boolean {
  const durationMs = parseDuration(text);
  return durationMs === undefined || isWithinLimit(key, durationMs);
}

/** `more than 0 and at most 12 h`. */
export function limitWords(key: WindowKey): string {
  return `more than 0 and at most ${formatDuration(WINDOW_LIMITS_MS[key])}`;
}
