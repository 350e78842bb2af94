/**
 * Waits for a session lock from outside the database: tries, names who holds it, ends an earlier attempt of the same owner
 * whose client is gone, and gives up at a limit. It knows nothing of what the lock is for.
 */
import type pg from 'pg';
import { formatDuration } from '../model/duration.ts';
import { ProblemError } from '../model/problem.ts';
import { type LockHolder, type LockKey, lockHolders, tryLock } from './advisory-lock.ts';
import { describeBackend } from './backend.ts';
import { type Clock, jittered } from './clock.ts';

export interface AcquireOptions {
  readonly key: LockKey;
  readonly mode: 'exclusive' | 'shared';
  /** How long to wait in all; the time in which a holder builds an index does not count. */
  readonly limitMs: number;
  /** Application name of earlier attempts of the same owner: their backends may be ended. Without it nobody is. */
  readonly orphansNamed?: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Called when waiting begins and about every five seconds. */
  readonly onWait?: (holders: readonly LockHolder[], waitedMs: number) => void;
  readonly onOrphanEnded?: (holder: LockHolder) => void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;
const TELL_EVERY_MS = 5_000;
/** A backend whose client is gone notices by itself within client_connection_check_interval, one second. */
const ORPHAN_GRACE_MS = 2_500;
const TERMINATE_WAIT_MS = 5_000;

/** Resolves once the lock is held. Errors: `migrator-lock-held` (retry), `interrupted`. */
export async function acquireLock(client: pg.Client, options: AcquireOptions): Promise<void> {
  const { clock } = options;
  let countedMs = 0;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const startedAtMs = clock.nowMs();
  for (let turn = 0; !(await tryLock(client, options.key, options.mode)); turn += 1) {
    const turnAtMs = clock.nowMs();
    const holders = await lockHolders(client, options.key);
    const waitedMs = turnAtMs - startedAtMs;
    if (holders.length > 0 && turnAtMs - toldAtMs >= TELL_EVERY_MS) {
      options.onWait?.(holders, waitedMs);
      toldAtMs = turnAtMs;
    }
    await endOrphans(client, options, holders, waitedMs);
    if (countedMs > options.limitMs) throw lockHeld(holders, options.limitMs);
    await clock.pause(jittered(Math.min(FIRST_PAUSE_MS * 2 ** turn, LONGEST_PAUSE_MS)), options.signal);
    if (!holders.some((holder) => holder.buildsIndex)) countedMs += clock.nowMs() - turnAtMs;
  }
}

/** An index build is left to finish: what it has done is adopted later, what is cut off would have to be built again. */
async function endOrphans(
  client: pg.Client,
  options: AcquireOptions,
  holders: readonly LockHolder[],
  waitedMs: number,
): Promise<void> {
  if (!options.orphansNamed || waitedMs < ORPHAN_GRACE_MS) return;
  const orphans = holders.filter((one) => one.application === options.orphansNamed && one.isOlder && !one.buildsIndex);
  for (const orphan of orphans) {
    const { rows } = await client.query<{ ended: boolean }>('select pg_terminate_backend($1, $2) as ended', [
      orphan.pid,
      TERMINATE_WAIT_MS,
    ]);
    if (rows[0]?.ended) options.onOrphanEnded?.(orphan);
  }
}

function lockHeld(holders: readonly LockHolder[], limitMs: number): ProblemError {
  return new ProblemError({
    code: 'migrator-lock-held',
    message: `another migrator is at work on this database, and did not finish within ${formatDuration(limitMs)}`,
    found: holders.map(describeBackend).join('\n') || 'its session ended a moment ago',
    expected: 'one migrator at a time',
    next: 'wait until it has finished, then run the same command again',
    retry: 'retry',
  });
}
