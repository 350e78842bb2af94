/** One pooler on its way into a hold: looked at, noted, its limits lifted where the target wants that, paused, and the lease looked at once more. */
import type { Drain, Pooler } from '../../model/drain.ts';
import type { Problem } from '../../model/problem.ts';
import { systemClock } from '../../postgres/clock.ts';
import type { HeldThing } from '../held-thing.ts';
import type { HoldContext } from '../hold.ts';
import { isNoted } from '../lease/notes.ts';
import { type ConsoleAddress, withConsole } from './console.ts';
import { letGoOfPooler, type PoolerFormer } from './let-go.ts';
import { type Paused, pauseDatabase } from './pause.ts';
import { readPooler } from './pooler-facts.ts';
import { addressOf, poolersOf } from './pooler-of.ts';
import { unholdable } from './pooler-problems.ts';
import { changedSettings, type FormerSettings, lift } from './waiting-limits.ts';

export interface Preparation {
  readonly pooler: Pooler;
  readonly address: ConsoleAddress;
  readonly version: string;
  /** What is to be changed, with what it is now. */
  readonly settings: FormerSettings;
  /** Why it cannot be held. */
  readonly problem?: Problem;
}

export type HeldPooler = Paused;

type PgBouncer = Extract<Drain, { readonly kind: 'pgbouncer' }>;

/** Looks, and changes nothing. Errors: those of the console. */
export async function preparePooler(
  context: HoldContext,
  pooler: Pooler,
  noted: readonly HeldThing[],
): Promise<Preparation> {
  const address = await addressOf(pooler, context);
  const facts = await withConsole(address, (admin) => readPooler(admin, pooler.database));
  const isOurs = noted.some(({ kind, name }) => kind === 'pooler' && name === pooler.name);
  const problem = unholdable(pooler, facts, isOurs ? 'ours' : 'not-ours');
  return {
    pooler,
    address,
    version: facts.version,
    settings: formerOf(context, pooler, noted) ?? changedSettings(facts, drainOf(context).queryWaitTimeout),
    ...(problem ? { problem: { retry: 'stop', ...problem } } : {}),
  };
}

/** Two databases of one pooler share its settings: what the first one noted is what they were. */
function formerOf({ target }: HoldContext, { admin }: Pooler, noted: readonly HeldThing[]): FormerSettings | undefined {
  const same = poolersOf(target).filter((one) => JSON.stringify(one.admin) === JSON.stringify(admin));
  const thing = noted.find(({ kind, name }) => kind === 'pooler' && same.some((one) => one.name === name));
  return (thing?.former as PoolerFormer | undefined)?.settings;
}

/** Noted before it is touched. Where the lease was lost while it was being paused, it is resumed again. Errors: `hold-lost`, those of the console, `interrupted`. */
export async function holdPooler(
  context: HoldContext,
  { pooler, address, settings }: Preparation,
): Promise<HeldPooler> {
  const thing: HeldThing = { kind: 'pooler', name: pooler.name, former: { settings } satisfies PoolerFormer };
  const noted = await context.notes.note(thing);
  const former = noted.former as PoolerFormer;
  await withConsole(address, (admin) => lift(admin, former.settings));
  const { clock = systemClock, signal } = context;
  const paused = await pauseDatabase({
    pooler,
    address,
    databaseUrl: context.url,
    timeoutMs: drainOf(context).pauseTimeoutMs,
    settings: former.settings,
    clock,
    ...(signal ? { signal } : {}),
  });
  if (paused.kind === 'paused') await requireStillOurs(context, { ...thing, former });
  return paused;
}

/** A process that slept for a while may have paused what its guard had let go of. */
async function requireStillOurs(context: HoldContext, thing: HeldThing): Promise<void> {
  try {
    await context.notes.note(thing);
  } catch (error) {
    // Where a later hold has noted it, the pause is that one's by now, and so is letting go.
    if (!(await isNoted(context.url, thing))) await letGoOfPooler(thing, context);
    throw error;
  }
}

function drainOf({ target }: HoldContext): PgBouncer {
  return target.drain as PgBouncer;
}
