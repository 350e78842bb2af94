/**
 * Lets go of everything that is held on a database, for whoever does it in the place of the run: its guard, a command, a worker that
 * starts. Two that do it at once take turns; what fails stays noted, so that it can be done again.
 */
import type pg from 'pg';
import { isProblemError, type Problem } from '../model/problem.ts';
import { HOLD_LOCK_KEY, tryLock, unlock } from '../postgres/advisory-lock.ts';
import { systemClock } from '../postgres/clock.ts';
import { problemFromPg } from '../postgres/problem-from-pg.ts';
import type { HeldThing, LetGoContext } from './held-thing.ts';
import type { HoldOwner } from './hold.ts';
import { beingLetGo } from './lease/hold-problems.ts';
import { beginLettingGo, endLease, isSameRun, type LetGoBy, type LetGoWhen, readLease } from './lease/lease.ts';
import { forgetThing, notedThings } from './lease/notes.ts';
import { letGo, thingName } from './let-go.ts';

export interface LetGoRequest {
  /** Of the hold that was looked at: a later one is not touched. */
  readonly owner: HoldOwner;
  readonly by: LetGoBy;
  readonly when: LetGoWhen;
  /** How long somebody else who lets go is waited for. Default 2 min. */
  readonly turnWithinMs?: number;
}

export interface LetGoReport {
  /**
   * `let-go`: nothing is held any more; `partly`: something is, see `failed`. `not-due`: the lease was renewed meanwhile.
   * `not-ours`: another hold is there, or none.
   */
  readonly kind: 'let-go' | 'partly' | 'not-due' | 'not-ours';
  /** One line for each thing that is as it was. */
  readonly done: readonly string[];
  readonly failed: readonly { readonly thing: string; readonly problem: Problem }[];
}

const NOTHING = { done: [], failed: [] };

/** The client must not be in a transaction. Errors: those of the target's connection, `hold-being-let-go`, `interrupted`. */
export async function letGoOfAll(
  context: LetGoContext,
  client: pg.Client,
  request: LetGoRequest,
): Promise<LetGoReport> {
  await takeTurn(context, client, request.turnWithinMs ?? TURN_WITHIN_MS);
  try {
    const owner = await presentOwner(client, request.owner);
    const begun = await beginLettingGo(client, owner, request);
    if (begun !== 'begun') return { kind: begun, ...NOTHING };
    const things = await notedThings(client, owner);
    const report = await letGoOfThings(
      context,
      things,
      oneAtATime((thing) => forgetThing(client, owner, thing)),
    );
    const end = await endLease(client, owner, request.by);
    return { kind: end === 'ended' ? 'let-go' : 'partly', ...report };
  } finally {
    await unlock(client, HOLD_LOCK_KEY, 'exclusive').catch(() => undefined);
  }
}

/** A session has one transaction at a time, and things are let go side by side. */
function oneAtATime(work: (thing: HeldThing) => Promise<void>): (thing: HeldThing) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (thing) => {
    last = last.catch(() => undefined).then(() => work(thing));
    return last;
  };
}

/**
 * Side by side: each pooler, what makes sessions read-only, and the consumers, of which each may take its time. Within a lane the last
 * one goes first. Never throws.
 */
export async function letGoOfThings(
  context: LetGoContext,
  things: readonly HeldThing[],
  forget: (thing: HeldThing) => Promise<void>,
): Promise<Pick<LetGoReport, 'done' | 'failed'>> {
  const ofKind = (kind: HeldThing['kind']) => things.filter((thing) => thing.kind === kind).reverse();
  const lanes = [...ofKind('pooler').map((pooler) => [pooler]), ofKind('read-only'), ofKind('consumer')];
  const ends = await Promise.all(lanes.map((lane) => letGoInOrder(context, lane, forget)));
  return { done: ends.flatMap(({ done }) => done), failed: ends.flatMap(({ failed }) => failed) };
}

async function letGoInOrder(
  context: LetGoContext,
  things: readonly HeldThing[],
  forget: (thing: HeldThing) => Promise<void>,
): Promise<Pick<LetGoReport, 'done' | 'failed'>> {
  const done: string[] = [];
  const failed: LetGoReport['failed'][number][] = [];
  for (const thing of things) {
    try {
      const line = await letGo(thing, context);
      await forget(thing);
      done.push(line);
      context.onProgress?.(line);
    } catch (error) {
      const problem = problemOf(error, thing);
      failed.push({ thing: thingName(thing), problem });
      context.onProgress?.(`${thingName(thing)} is still held: ${problem.code}: ${problem.message}`);
    }
  }
  return { done, failed };
}

function problemOf(error: unknown, thing: HeldThing): Problem {
  return isProblemError(error) ? error.problem : problemFromPg(error, { doing: `letting go of ${thingName(thing)}` });
}

/** A run's number may have grown since somebody looked. */
async function presentOwner(client: pg.Client, owner: HoldOwner): Promise<HoldOwner> {
  const row = await readLease(client);
  return row && isSameRun(row, owner) ? row : owner;
}

const LOOK_EVERY_MS = 100;
/** A consumer may take a minute to run again. */
const TURN_WITHIN_MS = 120_000;

async function takeTurn(
  { clock = systemClock, signal }: LetGoContext,
  client: pg.Client,
  withinMs: number,
): Promise<void> {
  const giveUpAtMs = clock.nowMs() + withinMs;
  while (!(await tryLock(client, HOLD_LOCK_KEY, 'exclusive'))) {
    if (clock.nowMs() >= giveUpAtMs) throw beingLetGo();
    await clock.pause(LOOK_EVERY_MS, signal);
  }
}
