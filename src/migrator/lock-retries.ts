/**
 * Tries a piece of work again after each lock timeout, briefly and often, and names who was in the way. It does not know
 * what the work is; the caller says how a failed try is taken back.
 */

import { formatDuration } from '../model/duration.ts';
import { ProblemError } from '../model/problem.ts';
import { type Blocker, describeBlocker } from '../postgres/backend.ts';
import { type BlockerWatch, watchBlockers } from '../postgres/blockers.ts';
import { jittered } from '../postgres/clock.ts';
import { classifyError, driverErrorOf } from '../postgres/sqlstate.ts';
import { pauseAfter } from './lock-policy.ts';
import type { Work } from './work.ts';

export interface RetriedWork<T> {
  /** As the subject of a sentence: `applying 007_recipients`. */
  readonly doing: string;
  readonly attempt: () => Promise<T>;
  /** Called after a lock timeout, before the next try or the end. */
  readonly takeBack: () => Promise<void>;
}

/** Errors: those of the attempt; `lock-timeout` (retry) with the blockers in `found` where the total time is over. */
export async function withLockRetries<T>(work: Work, { doing, attempt, takeBack }: RetriedWork<T>): Promise<T> {
  const startedAtMs = work.clock.nowMs();
  let watch: BlockerWatch | undefined;
  let blockers: readonly Blocker[] = [];
  try {
    for (let tries = 1; ; tries += 1) {
      const running = attempt();
      const seen = watch?.during(running);
      try {
        return await running;
      } catch (error) {
        if (!isLockTimeout(error)) throw error;
        await takeBack();
        blockers = (await seen)?.blockers ?? blockers;
        const pauseMs = jittered(pauseAfter(work.policy, tries));
        if (work.clock.nowMs() - startedAtMs + pauseMs > work.policy.totalMs) {
          throw gaveUp(work, { doing, tries, blockers });
        }
        work.emit({ kind: 'lock-timeout', doing, attempt: tries, blockers, pauseMs: Math.round(pauseMs) });
        // The second connection is made only now: most work never waits.
        watch ??= await watchBlockers(work.connection, work.session.pid).catch(() => undefined);
        await work.clock.pause(pauseMs, work.signal);
      }
    }
  } finally {
    await watch?.close();
  }
}

function isLockTimeout(error: unknown): boolean {
  const { code } = classifyError(driverErrorOf(error));
  return code === 'lock-timeout' || code === 'deadlock';
}

interface GivenUp {
  readonly doing: string;
  readonly tries: number;
  readonly blockers: readonly Blocker[];
}

function gaveUp(work: Work, { doing, tries, blockers }: GivenUp): ProblemError {
  const { totalMs, lockTimeoutMs } = work.policy;
  // Without the driver's error as its cause: retries around these retries must take it for an end.
  return new ProblemError({
    code: 'lock-timeout',
    message: `${doing} did not get its locks in ${formatDuration(totalMs)}`,
    found:
      blockers.length > 0
        ? blockers.map(describeBlocker).join('\n')
        : `${tries} tries of ${formatDuration(lockTimeoutMs)} each; nobody was seen in the way`,
    expected: 'no other session that holds locks on these tables for longer than a moment; nothing was changed',
    next: 'let those sessions finish or end them, then run the same command again',
    retry: 'retry',
    sqlstate: '55P03',
  });
}
