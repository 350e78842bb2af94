/**
 * PAUSE with an end: it has no time limit of its own, and to close its connection does not undo it. So one that does not complete is
 * undone by RESUME from a second connection, and its own is destroyed, because the query that hung would settle at someone's later PAUSE.
 */
import type { Pooler } from '../../model/drain.ts';
import type { Problem } from '../../model/problem.ts';
import { type Clock, interrupted } from '../../postgres/clock.ts';
import { type ConsoleAddress, openConsole, type PoolerConsole, quoted, withConsole } from './console.ts';
import { whoWasInTheWay } from './in-the-way.ts';
import { readServers } from './pooler-facts.ts';
import { pauseTimeout } from './pooler-problems.ts';
import { type FormerSettings, hasten } from './waiting-limits.ts';

export interface PauseRequest {
  readonly pooler: Pooler;
  readonly address: ConsoleAddress;
  /** Of the target, to tell how long somebody has been in a transaction. */
  readonly databaseUrl: string;
  readonly timeoutMs: number;
  /** What is noted of the pooler. */
  readonly settings: FormerSettings;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export type Paused =
  | { readonly kind: 'paused'; readonly tookMs: number }
  | { readonly kind: 'timeout'; readonly problem: Problem };

/** Where it does not end with `paused`, the database is resumed when this returns; its settings are the caller's to put back. Errors: those of the console, `interrupted`. */
export async function pauseDatabase(request: PauseRequest): Promise<Paused> {
  const { address, clock, timeoutMs } = request;
  const startedAtMs = clock.nowMs();
  const pausing = await openConsole(address);
  const command = `PAUSE ${quoted(request.pooler.database)}`;
  try {
    const end = await firstOf(request, pausing.commandWithoutLimit(command));
    if (end === 'paused') return { kind: 'paused', tookMs: Math.round(clock.nowMs() - startedAtMs) };
    const who = await abandon(request);
    if (end === 'interrupted') throw interrupted();
    return { kind: 'timeout', problem: pauseTimeout(request.pooler, { limitMs: timeoutMs, who }) };
  } finally {
    pausing.destroy();
  }
}

async function firstOf({ clock, timeoutMs, signal }: PauseRequest, pause: Promise<void>) {
  const ender = new AbortController();
  const late = clock.pause(timeoutMs, signal ? AbortSignal.any([signal, ender.signal]) : ender.signal).then(
    () => 'timeout' as const,
    () => 'interrupted' as const,
  );
  try {
    return await Promise.race([pause.then(() => 'paused' as const), late]);
  } finally {
    ender.abort();
  }
}

/** Who was in the way is looked at first, because afterwards they are among many; the database is asked when clients no longer wait. */
async function abandon({ pooler, address, databaseUrl, settings, clock }: PauseRequest): Promise<readonly string[]> {
  const seen = await withConsole(address, async (admin) => {
    const servers = await readServers(admin, pooler.database).catch(() => []);
    const atMs = clock.nowMs();
    await resume(admin, pooler.database, () => hasten(admin, settings));
    return { servers, atMs };
  });
  return whoWasInTheWay(databaseUrl, seen, () => clock.nowMs());
}

/** `before`: done right before it, where there is something to do. `not-paused`: there was nothing. */
export async function resume(
  admin: Pick<PoolerConsole, 'show' | 'command'>,
  database: string,
  before: () => Promise<void> = async () => undefined,
): Promise<'resumed' | 'not-paused'> {
  const isPaused = async () =>
    (await admin.show('DATABASES')).some((row) => row.name === database && Number(row.paused) === 1);
  if (!(await isPaused())) return 'not-paused';
  await before();
  try {
    await admin.command(`RESUME ${quoted(database)}`);
    return 'resumed';
  } catch (error) {
    // Somebody else resumed it in between.
    if (await isPaused()) throw error;
    return 'not-paused';
  }
}
