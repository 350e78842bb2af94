/**
 * What a guard does: watches a lease, and lets go of everything that is held under it when nobody renews it. It knows neither Temporal
 * nor the worker that started it, and outlives both.
 */
import type { LetGoContext } from '../drain/held-thing.ts';
import type { HoldOwner } from '../drain/hold.ts';
import { thingName } from '../drain/let-go.ts';
import { letGoOfAll } from '../drain/let-go-of-all.ts';
import { DEFAULT_LEASE_MS, leaseMsOf } from '../model/drain.ts';
import { isProblemError } from '../model/problem.ts';
import { type Clock, systemClock } from '../postgres/clock.ts';
import { type GuardCharge, letGoContextOf } from './charge.ts';
import { type LeaseLook, type LeaseWatch, watchLease } from './lease-watch.ts';
import { lightSleeper } from './light-sleep.ts';
import { type SayOnce, sayOnce } from './say-once.ts';
import { countTries, type Tries } from './tries.ts';
import { countedLine, isInVain, outcomeOf, type TryOutcome } from './try-outcome.ts';
import { type Blind, type WithoutDatabase, withoutDatabase } from './without-database.ts';

export interface GuardOptions {
  readonly clock?: Clock;
  readonly log: (line: string) => void;
  /** Called after the first look, whatever it saw. */
  readonly onWatching: () => void;
  /** Given what is to be called when somebody knows that there is something to see. */
  readonly onWake?: (wake: () => void) => void;
}

/** Between two looks: a fifth of the lease, or when it runs out; and no longer than what may be noted unseen before the database is gone. */
const LOOKS_PER_LEASE = 5;
const LONGEST_PAUSE_MS = 1_000;
const LEAST_PAUSE_MS = 200;
/** Somebody else who lets go is waited for only so long: it may be frozen. */
const TURN_WITHIN_MS = 5_000;

const GIVEN_UP = 'given up: the database stayed away';

/** Resolves when nothing is left to guard. Never throws. */
export async function watchHold(
  charge: GuardCharge,
  { clock = systemClock, log, onWatching, onWake }: GuardOptions,
): Promise<void> {
  const { owner, url, target } = charge;
  const watch = watchLease({ url, owner, clock, leaseMs: leaseMsOf(target.drain) });
  const { say, forget } = sayOnce(log);
  const context: LetGoContext = { ...letGoContextOf(charge), clock, onProgress: say };
  const tries = countTries(clock);
  const guarding: Guarding = { context, owner, watch, without: withoutDatabase(context), tries, log, say, forget };
  const sleeper = lightSleeper(clock, onWake);
  log(`watching the hold of ${owner.workflowId}, run ${owner.runId}, on ${target.name}`);
  for (let looks = 1, before = ''; ; looks += 1) {
    const seen = await watch.look();
    if (looks === 1) onWatching();
    const now = whatIsSeen(seen, watch);
    if (now !== before) tries.afresh();
    before = now;
    const end = await seeTo(guarding, seen);
    if (end !== undefined) return void (await Promise.all([log(end), watch.drop()]));
    if ((await sleeper.sleep(pauseAfter(seen))) === 'woken') tries.afresh();
  }
}

interface Guarding extends SayOnce {
  readonly context: LetGoContext;
  readonly owner: HoldOwner;
  readonly watch: LeaseWatch;
  readonly without: WithoutDatabase;
  readonly tries: Tries;
  /** Of lines that are said as often as they come. */
  readonly log: (line: string) => void;
}

/** What has to change for a try to be worth while at once. That somebody has begun to let go is none: the guard begins itself. */
function whatIsSeen(seen: LeaseLook, watch: LeaseWatch): string {
  const kind = seen.kind === 'letting-go' || seen.kind === 'held' ? `due: ${isDue(seen)}` : seen.kind;
  return [kind, ...watch.things().map(thingName)].join(', ');
}

/** The last words of the guard; undefined where it goes on. */
async function seeTo(guarding: Guarding, seen: LeaseLook): Promise<string | undefined> {
  const { watch, without, tries, say, forget } = guarding;
  if (seen.kind === 'blind') return seeToWhatWasNoted(guarding, seen);
  without.seesAgain();
  if (seen.kind === 'over') return overBecause(seen);
  if (seen.kind === 'gone-back') {
    if (tries.isDue()) told(guarding, await without.letGo(watch.things(), WITHOUT));
    return without.hasLetGoOf(watch.things()) ? overBecause(seen) : undefined;
  }
  if (!isDue(seen) && !without.hasLetGo()) return void forget();
  if (!tries.isDue()) return undefined;
  say(whyNow(seen));
  const tried = await letGo(guarding);
  told(guarding, tried);
  // Not looked at once more: the database may be gone by then, and nobody could say that the end was reached.
  return tried.isOver ? overBecause({ because: `let go by ${seen.row.letGoBy ?? 'guard'}` }) : undefined;
}

const WITHOUT = 'letting go of what was noted, without the database';

async function seeToWhatWasNoted(guarding: Guarding, seen: Blind): Promise<string | undefined> {
  const { watch, without, tries, say } = guarding;
  say(`the database does not answer: ${wordsOf(seen.error)}`);
  const due = without.due(seen, watch.things());
  if (due.length > 0 && tries.isDue())
    told(guarding, await without.letGo(due, 'the lease ran out, by the clock of this machine: letting go'));
  return without.isLost(seen, watch.things()) ? GIVEN_UP : undefined;
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

/** What fails is told line by line. Where the database does not let it begin, the things are let go without. */
async function letGo({ context, owner, watch, without, say }: Guarding): Promise<TryOutcome> {
  // A run whose lease was renewed after its traffic was let go has to learn of it: it loses the lease.
  const when = without.hasLetGo() ? 'at-once' : 'lease-ran-out';
  try {
    const request = { owner, by: 'guard', when, turnWithinMs: TURN_WITHIN_MS } as const;
    const report = await letGoOfAll(context, await watch.client(), request);
    say(report.kind === 'let-go' ? 'everything is let go' : `not everything is let go: ${report.kind}`);
    return { ...outcomeOf(report), isOver: report.kind === 'let-go' };
  } catch (error) {
    const trouble = wordsOf(error);
    say(`letting go failed: ${trouble}`);
    await watch.drop();
    return { ...(await without.letGo(watch.things(), WITHOUT)), trouble };
  }
}

function told({ tries, log }: Guarding, outcome: TryOutcome): void {
  if (outcome.letGo > 0) tries.afresh();
  if (!isInVain(outcome)) return;
  const line = countedLine(outcome, tries.made());
  if (line !== undefined) log(line);
}

function pauseAfter(seen: LeaseLook): number {
  if (seen.kind === 'over') return 0;
  if (seen.kind === 'gone-back') return LONGEST_PAUSE_MS;
  const leaseMs = seen.kind === 'blind' ? DEFAULT_LEASE_MS : seen.row.leaseMs;
  const regularMs = Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, leaseMs / LOOKS_PER_LEASE));
  if (seen.kind === 'letting-go' || seen.remainingMs <= 0) return regularMs;
  return Math.max(LEAST_PAUSE_MS, Math.min(regularMs, seen.remainingMs + 20));
}

function wordsOf(error: unknown): string {
  if (isProblemError(error)) return `${error.problem.code}: ${error.problem.message}`;
  return error instanceof Error ? error.message : String(error);
}
