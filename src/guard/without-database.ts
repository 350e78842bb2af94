/**
 * Where the database does not answer, takes no writes or has forgotten: what was noted at the last look is let go as far as that goes
 * without it; the notes stay, and are seen to when it is back.
 */
import type { HeldThing, LetGoContext } from '../drain/held-thing.ts';
import { thingName } from '../drain/let-go.ts';
import { letGoOfThings } from '../drain/let-go-of-all.ts';
import { isProblemError } from '../model/problem.ts';
import { type Clock, systemClock } from '../postgres/clock.ts';
import { sqlstateOf } from '../postgres/sqlstate.ts';
import type { LeaseLook } from './lease-watch.ts';
import { outcomeOf, type TryOutcome } from './try-outcome.ts';

export interface WithoutDatabase {
  /** Whether anything was let go in this way. */
  hasLetGo(): boolean;
  /** Whether none of these is held any more. */
  hasLetGoOf(things: readonly HeldThing[]): boolean;
  /** One try for each that is held still. */
  letGo(things: readonly HeldThing[], why: string): Promise<TryOutcome>;
  /** What of these could be let go now that nobody sees the database: nothing while the lease runs. */
  due(seen: Blind, noted: readonly HeldThing[]): readonly HeldThing[];
  /** Whether the database has stayed away for too long, or for good. Asked after every look that saw nothing. */
  isLost(seen: Blind, noted: readonly HeldThing[]): boolean;
  seesAgain(): void;
}

export type Blind = Extract<LeaseLook, { kind: 'blind' }>;

/** For how long a database that stays away is waited for, once nothing is held any more that could be let go without it. */
const BLIND_FOR_MS = 10 * 60_000;

export function withoutDatabase(context: LetGoContext): WithoutDatabase {
  const clock: Clock = context.clock ?? systemClock;
  const gone = new Set<string>();
  let blindSinceMs: number | undefined;
  const isGone = (thing: HeldThing): boolean => gone.has(thingName(thing));
  /** What is in the target database itself went with it. */
  const leftWith = ({ error }: Blind, noted: readonly HeldThing[]) =>
    isDatabaseGone(error) ? noted.filter((thing) => !isInTarget(thing, context)) : noted;
  return {
    hasLetGo: () => gone.size > 0,
    hasLetGoOf: (things) => things.every(isGone),
    letGo: async (things, why) => {
      const left = things.filter((thing) => !isGone(thing));
      if (left.length > 0) context.onProgress?.(why);
      return outcomeOf(await letGoOfThings(context, left, async (thing) => void gone.add(thingName(thing))));
    },
    due: (seen, noted) => (seen.remainingMs > 0 ? [] : leftWith(seen, noted).filter((thing) => !isGone(thing))),
    isLost: (seen, noted) => {
      blindSinceMs ??= clock.nowMs();
      const things = leftWith(seen, noted);
      // The database itself was dropped, and its notes with it.
      if (things.length === 0 && isDatabaseGone(seen.error)) return true;
      if (seen.remainingMs > 0) return false;
      if (!things.every(isGone)) return false;
      return isDatabaseGone(seen.error) || clock.nowMs() - blindSinceMs > BLIND_FOR_MS;
    },
    seesAgain: () => {
      blindSinceMs = undefined;
    },
  };
}

function isInTarget({ kind, name }: HeldThing, { target }: LetGoContext): boolean {
  if (kind !== 'consumer') return kind === 'read-only';
  const consumer = target.consumers?.find((one) => one.name === name);
  return (consumer?.kind === 'sql' || consumer?.kind === 'subscription') && consumer.url === undefined;
}

function isDatabaseGone(error: unknown): boolean {
  return isProblemError(error) ? error.problem.code === 'database-missing' : sqlstateOf(error) === '3D000';
}
