/**
 * What a guard does: watches a lease, and lets go of everything that is held under it when nobody renews it. It knows neither Temporal
 * nor the worker that started it, and outlives both.
 */
import type { HeldThing, LetGoContext } from '../drain/held-thing.ts';
import type { HoldOwner } from '../drain/hold.ts';
import { thingName } from '../drain/let-go.ts';
import { letGoOfAll, letGoOfThings } from '../drain/let-go-of-all.ts';
import { DEFAULT_LEASE_MS, leaseMsOf } from '../model/drain.ts';
import { isProblemError } from '../model/problem.ts';
import { type Clock, systemClock } from '../postgres/clock.ts';
import { sqlstateOf } from '../postgres/sqlstate.ts';
import { type GuardCharge, letGoContextOf } from './charge.ts';
import { type LeaseLook, type LeaseWatch, watchLease } from './lease-watch.ts';

export interface GuardOptions {
  readonly clock?: Clock;
  readonly log: (line: string) => void;
  /** Called after the first look, whatever it saw. */
  readonly onWatching: () => void;
  /** Resolves when somebody knows that there is something to see. */
  readonly woken?: () => Promise<void>;
}

/** Between two looks: a fifth of the lease, or when it runs out; and no longer than what may be noted unseen before the database is gone. */
const LOOKS_PER_LEASE = 5;
const LONGEST_PAUSE_MS = 1_000;
const LEAST_PAUSE_MS = 200;
/** Between two tries. */
const ONCE_MORE_MS = 1_000;
/** Somebody else who lets go is waited for only so long: it may be frozen. */
const TURN_WITHIN_MS = 5_000;
/** For how long a database that stays away is waited for, once nothing is held that could be let go without it. */
const BLIND_FOR_MS = { bookkeeping: 10 * 60_000, things: 24 * 3_600_000 };

const GIVEN_UP = 'given up: the database stayed away';

/** Resolves when nothing is left to guard. Never throws. */
export async function watchHold(
  charge: GuardCharge,
  { clock = systemClock, log, onWatching, woken }: GuardOptions,
): Promise<void> {
  const { owner, url, target } = charge;
  const watch = watchLease({ url, owner, clock, leaseMs: leaseMsOf(target.drain) });
  const context: LetGoContext = { ...letGoContextOf(charge), clock, onProgress: log };
  const guarding: Guarding = { context, owner, watch, without: withoutDatabase(context, clock), log };
  log(`watching the hold of ${owner.workflowId}, run ${owner.runId}, on ${target.name}`);
  for (let looks = 1; ; looks += 1) {
    const seen = await watch.look();
    if (looks === 1) onWatching();
    const end = await seeTo(guarding, seen);
    if (end !== undefined) return void (await Promise.all([log(end), watch.drop()]));
    const pause = clock.pause(pauseAfter(seen));
    await (woken ? Promise.race([pause, woken()]) : pause);
  }
}

interface Guarding {
  readonly context: LetGoContext;
  readonly owner: HoldOwner;
  readonly watch: LeaseWatch;
  readonly without: ReturnType<typeof withoutDatabase>;
  readonly log: (line: string) => void;
}

/** The last words of the guard; undefined where it goes on. */
async function seeTo(guarding: Guarding, seen: LeaseLook): Promise<string | undefined> {
  const { watch, without, log } = guarding;
  if (seen.kind === 'blind') return without.letGoWhenDue(seen, watch.things());
  without.seesAgain();
  if (seen.kind === 'over') return overBecause(seen);
  if (seen.kind === 'gone-back') return (await without.letGo(watch.things())) ? overBecause(seen) : undefined;
  if (!isDue(seen) && !without.hasLetGo()) return undefined;
  log(whyNow(seen));
  if ((await letGo(guarding)) === 'not-begun') await without.letGo(watch.things());
  return undefined;
}

function overBecause({ because }: { readonly because: string }): string {
  return `nothing is left to guard: ${because}`;
}

type Held = Extract<LeaseLook, { kind: 'held' | 'letting-go' }>;

function isDue(seen: Held): boolean {
  return seen.kind === 'letting-go' || seen.remainingMs <= 0;
}

function whyNow(seen: Held): string {
  if (seen.kind === 'letting-go') return `${seen.row.letGoBy} has begun to let go: seeing to its end`;
  if (seen.remainingMs <= 0) return `the lease ran out at ${seen.row.expiresAt}: letting go`;
  return 'the lease was renewed after traffic was let go: ending it';
}

/** What fails is told line by line, and done again after the next look. `not-begun`: because of the database. */
async function letGo({ context, owner, watch, without, log }: Guarding): Promise<'begun' | 'not-begun'> {
  // A run whose lease was renewed after its traffic was let go has to learn of it: it loses the lease.
  const when = without.hasLetGo() ? 'at-once' : 'lease-ran-out';
  try {
    const request = { owner, by: 'guard', when, turnWithinMs: TURN_WITHIN_MS } as const;
    const report = await letGoOfAll(context, await watch.client(), request);
    log(report.kind === 'let-go' ? 'everything is let go' : `not everything is let go: ${report.kind}`);
    return 'begun';
  } catch (error) {
    log(`letting go failed: ${wordsOf(error)}`);
    await watch.drop();
    return 'not-begun';
  }
}

function pauseAfter(seen: LeaseLook): number {
  if (seen.kind === 'over') return 0;
  if (seen.kind === 'gone-back') return ONCE_MORE_MS;
  const leaseMs = seen.kind === 'blind' ? DEFAULT_LEASE_MS : seen.row.leaseMs;
  const regularMs = Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, leaseMs / LOOKS_PER_LEASE));
  if (seen.kind === 'letting-go' || seen.remainingMs <= 0) return regularMs;
  return Math.max(LEAST_PAUSE_MS, Math.min(regularMs, seen.remainingMs + 20));
}

/**
 * Where the database does not answer, takes no writes or has forgotten: what was noted at the last look is let go as far as that goes
 * without it; the notes stay, and are seen to when it is back.
 */
function withoutDatabase(context: LetGoContext, clock: Clock) {
  const gone = new Set<string>();
  let blindSinceMs: number | undefined;
  /** `true`: none of them is held any more. */
  const letGoOf = async (things: readonly HeldThing[], why: string): Promise<boolean> => {
    const left = things.filter((thing) => !gone.has(thingName(thing)));
    if (left.length > 0) context.onProgress?.(why);
    await letGoOfThings(context, left, async (thing) => void gone.add(thingName(thing)));
    return things.every((thing) => gone.has(thingName(thing)));
  };
  return {
    hasLetGo: () => gone.size > 0,
    seesAgain: () => {
      blindSinceMs = undefined;
    },
    letGo: (things: readonly HeldThing[]) => letGoOf(things, 'letting go of what was noted, without the database'),
    letGoWhenDue: async (
      { remainingMs, error }: Extract<LeaseLook, { kind: 'blind' }>,
      noted: readonly HeldThing[],
    ): Promise<string | undefined> => {
      const things = isDatabaseGone(error) ? noted.filter((thing) => !isInTarget(thing, context)) : noted;
      if (blindSinceMs === undefined) context.onProgress?.(`the database does not answer: ${wordsOf(error)}`);
      blindSinceMs ??= clock.nowMs();
      // The database itself was dropped, and its notes with it.
      if (things.length === 0 && isDatabaseGone(error)) return GIVEN_UP;
      if (remainingMs > 0) return undefined;
      const allGone = await letGoOf(things, 'the lease ran out, by the clock of this machine: letting go');
      if (allGone && isDatabaseGone(error)) return GIVEN_UP;
      const limitMs = allGone ? BLIND_FOR_MS.bookkeeping : BLIND_FOR_MS.things;
      return clock.nowMs() - blindSinceMs > limitMs ? GIVEN_UP : undefined;
    },
  };
}

/** What is in the target database itself went with it. */
function isInTarget({ kind, name }: HeldThing, { target }: LetGoContext): boolean {
  if (kind !== 'consumer') return kind === 'read-only';
  const consumer = target.consumers?.find((one) => one.name === name);
  return (consumer?.kind === 'sql' || consumer?.kind === 'subscription') && consumer.url === undefined;
}

function isDatabaseGone(error: unknown): boolean {
  return isProblemError(error) ? error.problem.code === 'database-missing' : sqlstateOf(error) === '3D000';
}

function wordsOf(error: unknown): string {
  if (isProblemError(error)) return `${error.problem.code}: ${error.problem.message}`;
  return error instanceof Error ? error.message : String(error);
}
