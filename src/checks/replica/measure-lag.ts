/**
 * How far the replicas are behind, by a marker that each of them has to replay. The server's own lag columns are not believed:
 * they are small while replay is paused and large after it caught up.
 */
import type pg from 'pg';
import { type Clock, systemClock } from '../../postgres/clock.ts';
import { count } from '../outcome.ts';
import { type Replica, readReplicas, writeMarker } from '../replicas.ts';

const LOOK_EVERY_MS = 50;

export interface LagQuestion {
  /** How many replicas there are to be. */
  readonly expected: number;
  /** So long they are waited for; what has not replayed by then is behind. */
  readonly withinMs: number;
  /** Default: that of this machine. */
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

export interface LagSample {
  /** A WAL position as text. */
  readonly marker: string;
  /** From the marker to the last look. */
  readonly tookMs: number;
  readonly replicas: readonly Replica[];
  /** Streams that only receive, such as pg_receivewal: they replay nothing and do not count. */
  readonly receivers: readonly Replica[];
  /** Whether this role may not see the state of some of them. */
  readonly isHidden: boolean;
}

/**
 * Writes a marker and looks until the expected replicas have replayed it, at the longest `withinMs`. The client is in no
 * transaction, on a primary. Errors: those of the connection, `interrupted`.
 */
export async function measureLag(client: pg.Client, question: LagQuestion): Promise<LagSample> {
  const clock = question.clock ?? systemClock;
  const startedAt = clock.nowMs();
  return followMarker(client, { ...question, clock, startedAt, marker: await writeMarker(client) });
}

interface Following extends LagQuestion {
  readonly clock: Clock;
  readonly marker: string;
  readonly startedAt: number;
}

/** As measureLag, with a marker that is written already. */
export async function followMarker(
  client: pg.Client,
  { marker, startedAt, expected, withinMs, clock, signal, onProgress }: Following,
): Promise<LagSample> {
  for (;;) {
    const all = await readReplicas(client, marker);
    const tookMs = clock.nowMs() - startedAt;
    const sample = sampleOf(all, marker, tookMs);
    if (sample.isHidden || areNear(sample, expected) || tookMs >= withinMs) return sample;
    const behind = sample.replicas.filter(({ replayed }) => !replayed).length;
    onProgress?.(`waiting for ${count(behind, 'replica')} to replay ${marker}`);
    await clock.pause(Math.min(LOOK_EVERY_MS, withinMs - tookMs), signal);
  }
}

function sampleOf(all: readonly Replica[], marker: string, tookMs: number): LagSample {
  return {
    marker,
    tookMs,
    replicas: all.filter((one) => !onlyReceives(one)),
    receivers: all.filter(onlyReceives),
    isHidden: all.some(({ state }) => state === null),
  };
}

function onlyReceives({ state, replayed }: Replica): boolean {
  return state === 'streaming' && replayed === null;
}

/** Whether all that are expected are there, and all that are there have replayed the marker. */
export function areNear({ replicas, isHidden }: LagSample, expected: number): boolean {
  return !isHidden && replicas.length >= expected && replicas.every(({ replayed }) => replayed === true);
}
