/**
 * What a guard does: watches a lease, and lets go of everything that is held under it when nobody renews it. It knows neither Temporal
 * nor the worker that started it, and outlives both.
 */
import type { HeldThing, LetGoContext } from '../drain/held-thing.ts';
import { thingName } from '../drain/let-go.ts';
import { letGoOfAll, letGoOfThings } from '../drain/let-go-of-all.ts';
import { DEFAULT_LEASE_MS, leaseMsOf } from '../model/drain.ts';
import { isProblemError } from '../model/problem.ts';
import { type Clock, systemClock } from '../postgres/clock.ts';
import { sqlstateOf } from '../postgres/sqlstate.ts';
import { type GuardCharge, letGoContextOf } from './charge.ts';
import { type LeaseLook, watchLease } from './lease-watch.ts';

export interface GuardOptions {
  readonly clock?: Clock;
  readonly log: (line: string) => void;
  /** Called after the first look, whatever it saw. */
  readonly onWatching: () => void;
}

/** Between two looks: a fifth of the lease, or when it runs out. */
const LOOKS_PER_LEASE = 5;
const LEAST_PAUSE_MS = 200;
/** For how long a database that stays away is waited for, once nothing is held that could be let go without it. */
const BLIND_FOR_MS = { bookkeeping: 10 * 60_000, things: 24 * 3_600_000 };

/** Resolves when nothing is left to guard. Never throws. */
export async function watchHold(
  charge: GuardCharge,
  { clock = systemClock, log, onWatching }: GuardOptions,
): Promise<void> {
  const { owner, url, target } = charge;
  const watch = watchLease({ url, owner, clock, leaseMs: leaseMsOf(target.drain) });
  const context: LetGoContext = { ...letGoContextOf(charge), clock, onProgress: log };
  const withoutDatabase = letGoBlindly(context, clock);
  log(`watching the hold of ${owner.workflowId}, run ${owner.runId}, on ${target.name}`);
  for (let looks = 1; ; looks += 1) {
    const seen = await watch.look();
    if (looks === 1) onWatching();
    if (seen.kind === 'over')
      return void (await Promise.all([log(`nothing is left to guard: ${seen.because}`), watch.drop()]));
    if (seen.kind === 'blind') {
      const end = await withoutDatabase(seen, watch.things());
      if (end === 'give-up') return log('given up: the database stayed away');
    } else if (isDue(seen)) {
      log(
        seen.kind === 'held'
          ? `the lease ran out at ${seen.row.expiresAt}: letting go`
          : `${seen.row.letGoBy} has begun to let go: seeing to its end`,
      );
      await letGo(context, charge, watch, log);
    }
    await clock.pause(pauseAfter(seen));
  }
}

function isDue(seen: Exclude<LeaseLook, { kind: 'over' | 'blind' }>): boolean {
  return seen.kind === 'letting-go' || seen.remainingMs <= 0;
}

/** What fails is told line by line, and done again after the next look. */
async function letGo(
  context: LetGoContext,
  { owner }: GuardCharge,
  watch: ReturnType<typeof watchLease>,
  log: (line: string) => void,
): Promise<void> {
  try {
    const report = await letGoOfAll(context, await watch.client(), { owner, by: 'guard', when: 'lease-ran-out' });
    log(report.kind === 'let-go' ? 'everything is let go' : `not everything is let go: ${report.kind}`);
  } catch (error) {
    log(`letting go failed: ${wordsOf(error)}`);
    await watch.drop();
  }
}

function pauseAfter(seen: LeaseLook): number {
  if (seen.kind === 'over') return 0;
  const leaseMs = seen.kind === 'blind' ? DEFAULT_LEASE_MS : seen.row.leaseMs;
  const regularMs = Math.max(LEAST_PAUSE_MS, leaseMs / LOOKS_PER_LEASE);
  if (seen.kind === 'letting-go' || seen.remainingMs <= 0) return Math.min(regularMs, 1_000);
  return Math.max(LEAST_PAUSE_MS, Math.min(regularMs, seen.remainingMs + 20));
}

/**
 * Where the database does not answer: what was noted at the last look is let go by this machine's clock, as far as that goes
 * without it; the notes stay, and are seen to when it is back.
 */
function letGoBlindly(context: LetGoContext, clock: Clock) {
  const gone = new Set<string>();
  let blindSinceMs: number | undefined;
  return async (
    { remainingMs, error }: Extract<LeaseLook, { kind: 'blind' }>,
    things: readonly HeldThing[],
  ): Promise<'go-on' | 'give-up'> => {
    if (blindSinceMs === undefined) context.onProgress?.(`the database does not answer: ${wordsOf(error)}`);
    blindSinceMs ??= clock.nowMs();
    // The database itself was dropped, and its notes with it.
    if (things.length === 0 && isDatabaseGone(error)) return 'give-up';
    if (remainingMs > 0) return 'go-on';
    const left = things.filter((thing) => !gone.has(thingName(thing)));
    if (left.length > 0) context.onProgress?.('the lease ran out, by the clock of this machine: letting go');
    await letGoOfThings(context, left, async (thing) => void gone.add(thingName(thing)));
    const allGone = things.every((thing) => gone.has(thingName(thing)));
    if (allGone && isDatabaseGone(error)) return 'give-up';
    const limitMs = allGone ? BLIND_FOR_MS.bookkeeping : BLIND_FOR_MS.things;
    return clock.nowMs() - blindSinceMs > limitMs ? 'give-up' : 'go-on';
  };
}

function isDatabaseGone(error: unknown): boolean {
  return isProblemError(error) ? error.problem.code === 'database-missing' : sqlstateOf(error) === '3D000';
}

function wordsOf(error: unknown): string {
  if (isProblemError(error)) return `${error.problem.code}: ${error.problem.message}`;
  return error instanceof Error ? error.message : String(error);
}
