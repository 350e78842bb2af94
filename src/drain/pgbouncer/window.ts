/**
 * Whether a window can be held at the poolers without an error for anybody who waits: its length against how long each lets a client
 * wait. Asked when the plan is made, so that it is refused before a person is asked; nothing is changed.
 */
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
  /** How long the steps are expected to take after it. Left out: not known, and not counted. */
  readonly workMs?: number;
}

/** Undefined where it can be held, or where no pooler is. Errors: those of the consoles, `secret-missing`. */
export async function windowProblem(
  { target, secret }: Pick<LetGoContext, 'target' | 'secret'>,
  window: ExpectedWindow,
): Promise<Problem | undefined> {
  const { drain } = target;
  if (drain.kind !== 'pgbouncer' || drain.queryWaitTimeout === 'lift') return undefined;
  const expectedMs = window.drainMs + (window.workMs ?? 0);
  const limits = await Promise.all(
    drain.poolers.map(async (pooler) => {
      const facts = await withConsole(await addressOf(pooler, { secret }), (admin) =>
        readPooler(admin, pooler.database),
      );
      return { name: pooler.name, limit: shortestWait(facts) };
    }),
  );
  const tooShort = limits.flatMap(({ name, limit }) => (limit && limit.ms <= expectedMs ? [{ name, limit }] : []));
  return tooShort.length === 0 ? undefined : notHoldable(target.name, { window, expectedMs, tooShort });
}

interface TooShort {
  readonly window: ExpectedWindow;
  readonly expectedMs: number;
  readonly tooShort: readonly { readonly name: string; readonly limit: WaitLimit }[];
}

function notHoldable(target: string, { window, expectedMs, tooShort }: TooShort): Problem {
  const { drainMs, workMs } = window;
  const shortestMs = Math.min(...tooShort.map(({ limit }) => limit.ms));
  const parts =
    workMs === undefined
      ? 'of quiet alone'
      : `: ${formatDuration(drainMs)} of quiet and about ${formatDuration(workMs)} of work`;
  return {
    code: 'window-not-holdable',
    message: `clients would meet errors: the window is longer than they may wait at ${tooShort.map(({ name }) => name).join(', ')}`,
    found: [
      `a window of ${formatDuration(expectedMs)}${workMs === undefined ? ' ' : ''}${parts}`,
      ...tooShort.map(
        ({ name, limit }) => `${name} drops clients that wait for ${formatDuration(limit.ms)} (${limit.setting})`,
      ),
    ].join('\n'),
    expected: `a window that is over within ${formatDuration(shortestMs)}, with what the steps take`,
    next: `shorten window.drain of ${target} in drydock.yaml, or set drain.queryWaitTimeout: lift, which lifts these limits while traffic is held and puts them back`,
    retry: 'stop',
  };
}
