/** What a watch has seen so far: a value that each look adds to. */

import type pg from 'pg';
import type { BackendInfo } from '../../model/backend.ts';
import { type DatabaseCounters, readCounters } from './database-counters.ts';
import type { LockWait } from './lock-waits.ts';
import { type LogCounts, NOTHING_COUNTED, openServerLog, type ServerLog } from './server-log.ts';
import { type OlderSessions, sessionsOlderThan } from './sessions-after.ts';

export interface Tally {
  readonly looks: number;
  readonly before: DatabaseCounters;
  readonly now: DatabaseCounters;
  /** The longest of each wait, by its key. */
  readonly waits: ReadonlyMap<string, LockWait>;
  readonly aborted: ReadonlyMap<number, BackendInfo>;
  readonly log: ServerLog;
  readonly logCounts: LogCounts;
  readonly olderAtStart: OlderSessions;
  readonly olderAtEnd: OlderSessions;
  readonly lag: LagTally;
  /** How often the database could not be asked. */
  readonly lost: number;
}

export interface LagTally {
  readonly measured: number;
  /** The longest that all replicas took. */
  readonly longestMs: number;
  /** What was wrong, the first time of each. */
  readonly troubles: readonly string[];
}

/** `lastChange`: when the last migration ended, ISO 8601. */
export async function startTally(client: pg.Client, lastChange: string): Promise<Tally> {
  const before = await readCounters(client);
  const older = await sessionsOlderThan(client, lastChange);
  return {
    looks: 0,
    before,
    now: before,
    waits: new Map(),
    aborted: new Map(),
    log: await openServerLog(client),
    logCounts: NOTHING_COUNTED,
    olderAtStart: older,
    olderAtEnd: older,
    lag: { measured: 0, longestMs: 0, troubles: [] },
    lost: 0,
  };
}

export function withWaits(tally: Tally, waits: readonly LockWait[]): Tally {
  return { ...tally, waits: new Map([...tally.waits, ...waits.map((one) => [one.key, one] as const)]) };
}

export function withAborted(tally: Tally, sessions: readonly BackendInfo[]): Tally {
  return { ...tally, aborted: new Map([...tally.aborted, ...sessions.map((one) => [one.pid, one] as const)]) };
}

export function withLag(tally: Tally, tookMs: number, trouble: string | undefined): Tally {
  const { measured, longestMs, troubles } = tally.lag;
  const isNew = trouble !== undefined && troubles.length === 0;
  const lag = {
    measured: measured + 1,
    longestMs: Math.max(longestMs, tookMs),
    troubles: isNew ? [trouble] : troubles,
  };
  return { ...tally, lag };
}
