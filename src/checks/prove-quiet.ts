/**
 * Waits until nobody has been at work on the tables for a given time without a break. Whatever is seen starts the count
 * again. A write of a session that then sits idle can reach the server's counters up to ten seconds late: it starts the
 * count again late, and one in the last seconds of the time can be missed.
 */
import type pg from 'pg';
import { formatDuration } from '../model/duration.ts';
import { type Clock, systemClock } from '../postgres/clock.ts';
import { describeOffender, type QuietSample, type QuietScope, sampleQuiet, writtenBetween } from './quiet-sample.ts';
import { sessionsAtWork } from './sessions-at-work.ts';

export interface ProveQuietOptions {
  readonly scope: QuietScope;
  /** How long it has to be quiet without a break. */
  readonly forMs: number;
  /** How long to try. At least `forMs`; a shorter one is lengthened to it. */
  readonly timeoutMs: number;
  /** Between two looks. Default 1 s, at most a tenth of `forMs`. */
  readonly intervalMs?: number;
  readonly onProgress?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

export interface QuietProof {
  readonly kind: 'quiet' | 'not-quiet';
  /** The quiet that was proven, or the longest there was. */
  readonly quietMs: number;
  readonly waitedMs: number;
  readonly samples: number;
  readonly tables: readonly string[];
  /** How often somebody broke it. */
  readonly interruptions: number;
  /** Who or what broke it last, one line each; none where nobody ever did. */
  readonly lastSeen: readonly string[];
  /** Sessions whose age this role may not see, in the last look. */
  readonly hidden: number;
}

/** Errors: those of the connection; `interrupted` where the signal aborts. */
export async function proveQuiet(client: pg.Client, options: ProveQuietOptions): Promise<QuietProof> {
  const { scope, forMs, onProgress, signal, clock = systemClock } = options;
  const intervalMs = options.intervalMs ?? Math.max(1, Math.min(1_000, forMs / 10));
  const startedAt = clock.nowMs();
  const timeoutMs = Math.max(options.timeoutMs, forMs);
  let previous = await sampleQuiet(client, scope);
  let count = startCount(startedAt, previous);
  for (;;) {
    const waitedMs = count.lookedAt - startedAt;
    const quietMs = count.lookedAt - count.quietSince;
    const isQuiet = quietMs >= forMs && count.current.length === 0;
    if (isQuiet || waitedMs >= timeoutMs) {
      return { ...proofOf(count, previous), kind: isQuiet ? 'quiet' : 'not-quiet', waitedMs };
    }
    onProgress?.(progressLine(count, quietMs, forMs));
    await clock.pause(intervalMs, signal);
    const sample = await sampleQuiet(client, scope);
    const now = clock.nowMs();
    const sinceMs = now - count.lookedAt;
    const seen = [
      ...sample.offenders.map(describeOffender),
      ...(await writesSeen(client, { previous, sample, sinceMs })),
    ];
    count = goOn(count, [...seen, ...blindness(sinceMs - intervalMs)], now);
    previous = sample;
  }
}

const LONGEST_GAP_MS = 10_000;

interface Count {
  readonly quietSince: number;
  readonly lookedAt: number;
  readonly longestMs: number;
  readonly samples: number;
  readonly interruptions: number;
  /** Seen in the last look. */
  readonly current: readonly string[];
  readonly lastSeen: readonly string[];
}

function startCount(now: number, sample: QuietSample): Count {
  const seen = sample.offenders.map(describeOffender);
  const interruptions = seen.length > 0 ? 1 : 0;
  const head = { quietSince: now, lookedAt: now, longestMs: 0, samples: 1 };
  return { ...head, interruptions, current: seen, lastSeen: seen };
}

function goOn(count: Count, seen: readonly string[], now: number): Count {
  const samples = count.samples + 1;
  const longestMs = Math.max(count.longestMs, count.lookedAt - count.quietSince);
  if (seen.length === 0) {
    const quietSince = count.current.length > 0 ? now : count.quietSince;
    return { ...count, quietSince, lookedAt: now, longestMs, samples, current: [] };
  }
  const interruptions = count.interruptions + (count.current.length === 0 ? 1 : 0);
  return { quietSince: now, lookedAt: now, longestMs, samples, interruptions, current: seen, lastSeen: seen };
}

interface Between {
  readonly previous: QuietSample;
  readonly sample: QuietSample;
  readonly sinceMs: number;
}

/** What the counters say; who may have done it, where nobody was seen with a lock for writing. */
export async function writesSeen(
  client: pg.Client,
  { previous, sample, sinceMs }: Between,
): Promise<readonly string[]> {
  const written = [...writtenBetween(previous, sample)].map(
    ([table, rows]) => `${rows} ${rows === 1 ? 'row' : 'rows'} written in ${table}`,
  );
  const isNamed = sample.offenders.some(({ why }) => why === 'writes');
  return written.length === 0 || isNamed ? written : [...written, ...(await sessionsAtWork(client, sinceMs))];
}

/** A process that was frozen has not seen who came and went. */
function blindness(gapMs: number): readonly string[] {
  return gapMs > LONGEST_GAP_MS ? [`nobody looked for ${formatDuration(gapMs)}`] : [];
}

function proofOf(count: Count, sample: QuietSample): Omit<QuietProof, 'kind' | 'waitedMs'> {
  const { interruptions, lastSeen, samples } = count;
  const quietMs = Math.max(count.longestMs, count.lookedAt - count.quietSince);
  return { quietMs, samples, interruptions, lastSeen, tables: [...sample.writes.keys()].sort(), hidden: sample.hidden };
}

function progressLine(count: Count, quietMs: number, forMs: number): string {
  if (count.current.length > 0) return `not quiet: ${count.current[0]}`;
  return `quiet for ${formatDuration(Math.max(0, quietMs))} of ${formatDuration(forMs)}`;
}
