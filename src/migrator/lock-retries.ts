/**
 * Tries a piece of work again after each lock timeout, briefly and often, and names who was in the way. It does not know
 * what the work is; the caller says how a failed try is taken back.
 */

import { formatDuration } from '../model/duration.ts';
import { ProblemError } from '../model/problem.ts';
import { describeBlocker } from '../postgres/backend.ts';
import { NOT_WAITING, type WaitSeen } from '../postgres/blockers.ts';
import { jittered } from '../postgres/clock.ts';
import { classifyError, driverErrorOf } from '../postgres/sqlstate.ts';
import { type PartPolicy, pauseAfter } from './lock-policy.ts';
import { watchStatement } from './locks/statement-watch.ts';
import type { Work } from './work.ts';

export interface RetriedWork<T> {
  /** As the subject of a sentence: `applying 007_recipients`. */
  readonly doing: string;
  readonly attempt: () => Promise<T>;
  /** Called after a lock timeout, before the next try or the end. */
  readonly takeBack: () => Promise<void>;
  /** Default: that of the work, as for what blocks others. */
  readonly policy?: Pick<PartPolicy, 'lockTimeoutMs' | 'totalMs'>;
}

/** Errors: those of the attempt; `lock-timeout` (retry) with the blockers in `found` where the total time is over. */
export async function withLockRetries<T>(work: Work, retried: RetriedWork<T>): Promise<T> {
  const { doing, attempt, takeBack, policy = work.policy } = retried;
  const startedAtMs = work.clock.nowMs();
  const watch = watchStatement(work, doing);
  let seen: WaitSeen = NOT_WAITING;
  try {
    for (let tries = 1; ; tries += 1) {
      const running = attempt();
      // A second connection is made only for what takes long or did not get its locks at once: most work never does.
      const looking = watch.during(running, tries === 1 ? 'when-long' : 'at-once');
      try {
        return await running;
      } catch (error) {
        if (!isLockTimeout(error)) throw error;
        await takeBack();
        const now = await looking;
        if (now.blockers.length > 0) seen = now;
        const pauseMs = jittered(pauseAfter(work.policy, tries));
        if (work.clock.nowMs() - startedAtMs + pauseMs > policy.totalMs) {
          throw gaveUp({ doing, tries, policy, seen });
        }
        work.emit({ kind: 'lock-timeout', doing, attempt: tries, ...seen, pauseMs: Math.round(pauseMs) });
        watch.prepare();
        await work.clock.pause(pauseMs, work.signal);
      }
    }
  } finally {
    await watch.close();
  }
}

function isLockTimeout(error: unknown): boolean {
  const { code } = classifyError(driverErrorOf(error));
  return code === 'lock-timeout' || code === 'deadlock';
}

interface GivenUp {
  readonly doing: string;
  readonly tries: number;
  readonly policy: Pick<PartPolicy, 'lockTimeoutMs' | 'totalMs'>;
  readonly seen: WaitSeen;
}

function gaveUp({ doing, tries, policy, seen: { blockers } }: GivenUp): ProblemError {
  const { totalMs, lockTimeoutMs } = policy;
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
