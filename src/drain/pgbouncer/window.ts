/**
 * Whether a window can be held at the poolers without an error for anybody who waits: its length against how long each lets a client
 * wait. Asked when the plan is made, so that it is refused before a person is asked; nothing is changed.
 */
import type { ClientWait } from '../../model/client-wait.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Problem } from '../../model/problem.ts';
import type { LetGoContext } from '../held-thing.ts';
import { withConsole } from './console.ts';
import { readPooler } from './pooler-facts.ts';
import { addressOf } from './pooler-of.ts';
import { shortestWait, type WaitLimit } from './waiting-limits.ts';

export interface ExpectedWindow {
  /** How long it has to be quiet before anything is changed: clients wait all the while. */
  readonly drainMs: number;
  /** How long the steps took together when they were rehearsed. Left out: not known, and not counted. */
  readonly workMs?: number | undefined;
}

export interface PoolerLimit {
  /** As the target calls the pooler. */
  readonly name: string;
  readonly limit: WaitLimit;
}

/** What a plan says of it; undefined where clients may wait for ever. */
export function clientWaitOf(limits: readonly PoolerLimit[], { workMs }: ExpectedWindow): ClientWait | undefined {
  const [shortest] = [...limits].sort((a, b) => a.limit.ms - b.limit.ms);
  if (!shortest) return undefined;
  const { name: pooler, limit } = shortest;
  return { pooler, setting: limit.setting, limitMs: limit.ms, workMs: workMs ?? null };
}

/** Undefined where it can be held. `target`: its name. */
export function windowProblem(
  target: string,
  limits: readonly PoolerLimit[],
  window: ExpectedWindow,
): Problem | undefined {
  const expectedMs = window.drainMs + (window.workMs ?? 0);
  const tooShort = limits.filter(({ limit }) => limit.ms <= expectedMs);
  return tooShort.length === 0 ? undefined : notHoldable(target, { window, expectedMs, tooShort });
}

/**
 * Of the poolers that have one which stays in force while they are held; none where no pooler holds. Errors: those of the consoles,
 * `secret-missing`.
 */
export async function poolerLimits({
  target,
  secret,
}: Pick<LetGoContext, 'target' | 'secret'>): Promise<PoolerLimit[]> {
  const { drain } = target;
  if (drain.kind !== 'pgbouncer' || drain.queryWaitTimeout === 'lift') return [];
  const found = await Promise.all(
    drain.poolers.map(async (pooler) => {
      const facts = await withConsole(await addressOf(pooler, { secret }), (admin) =>
        readPooler(admin, pooler.database),
      );
      return { name: pooler.name, limit: shortestWait(facts) };
    }),
  );
  return found.flatMap(({ name, limit }) => (limit ? [{ name, limit }] : []));
}

interface TooShort {
  readonly window: ExpectedWindow;
  readonly expectedMs: number;
  readonly tooShort: readonly PoolerLimit[];
}

function notHoldable(target: string, { window, expectedMs, tooShort }: TooShort): Problem {
  const { drainMs, workMs } = window;
  const shortestMs = Math.min(...tooShort.map(({ limit }) => limit.ms));
  const parts =
    workMs === undefined
      ? ' of quiet alone'
      : `: ${formatDuration(drainMs)} of quiet and about ${formatDuration(workMs)} of work, as rehearsed without rows`;
  // A shorter drain is of no use where the work alone is too long.
  const shorter = (workMs ?? 0) < shortestMs ? `shorten window.drain of ${target} in drydock.yaml, or ` : '';
  return {
    code: 'window-not-holdable',
    message: `clients would meet errors: the window is longer than they may wait at ${tooShort.map(({ name }) => name).join(', ')}`,
    found: [
      `a window of ${formatDuration(expectedMs)}${parts}`,
      ...tooShort.map(
        ({ name, limit }) => `${name} drops clients that wait for ${formatDuration(limit.ms)} (${limit.setting})`,
      ),
    ].join('\n'),
    expected: `a window that is over within ${formatDuration(shortestMs)}, with what the steps take`,
    next: `${shorter}set drain.queryWaitTimeout: lift, which lifts these limits while traffic is held and puts them back`,
    retry: 'stop',
  };
}
