/**
 * The settings by which a pooler drops clients that wait: they count for those that are paused too. Which they are, how long a
 * client may wait because of them, and how they are lifted and put back; with them the one that would keep clients waiting afterwards.
 */
import type { Clock } from '../../postgres/clock.ts';
import type { PoolerConsole } from './console.ts';
import { asksForLogins, type PoolerFacts, readPools } from './pooler-facts.ts';

/** Seconds; 0: no limit. The last one is for clients that come in the meantime. */
const LIMITS = ['query_wait_timeout', 'query_timeout', 'client_login_timeout'] as const;

/**
 * A connection that is being opened when the pause comes counts as failed, and no other is opened for so long: 15 s by default, also
 * after RESUME. It is 0 for the moment of letting go.
 */
const LOGIN_RETRY = 'server_login_retry';

/** What was in force before, by setting, as the pooler wrote it; nothing where nothing is changed. */
export type FormerSettings = Readonly<Record<string, string>>;

export interface WaitLimit {
  readonly setting: string;
  readonly ms: number;
}

/**
 * The shortest time after which a client that waits is dropped; undefined where there is no limit. `client_login_timeout` is one
 * only where the pooler has to ask the database who may log in.
 */
export function shortestWait(facts: Pick<PoolerFacts, 'settings'>): WaitLimit | undefined {
  const counting = LIMITS.filter((setting) => setting !== 'client_login_timeout' || asksForLogins(facts));
  const limits = counting.map((setting) => ({ setting, ms: Number(facts.settings.get(setting) ?? 0) * 1_000 }));
  return limits.filter(({ ms }) => ms > 0).sort((a, b) => a.ms - b.ms)[0];
}

/** What holding and letting go change, to be noted before. `keep`: the limits stay as they are. */
export function changedSettings({ settings }: Pick<PoolerFacts, 'settings'>, limits: 'keep' | 'lift'): FormerSettings {
  const names = limits === 'lift' ? [...LIMITS, LOGIN_RETRY] : [LOGIN_RETRY];
  const present = names.map((setting) => [setting, settings.get(setting) ?? '0'] as const);
  return Object.fromEntries(present.filter(([, value]) => Number(value) !== 0));
}

/** Those of them by which clients are dropped: what a person is told of. */
export function liftedLimits(former: FormerSettings): readonly (readonly [setting: string, value: string])[] {
  return Object.entries(former).filter(([setting]) => setting !== LOGIN_RETRY);
}

/** For as long as it is held. */
export async function lift(admin: PoolerConsole, former: FormerSettings): Promise<void> {
  for (const [setting] of liftedLimits(former)) await admin.command(`SET ${setting} = 0`);
}

/** Right before RESUME, so that connections are opened at once. */
export async function hasten(admin: PoolerConsole, former: FormerSettings): Promise<void> {
  if (LOGIN_RETRY in former) await admin.command(`SET ${LOGIN_RETRY} = 0`);
}

/** Where clients still wait from before, at the most so long until the limits are back. */
const SERVED_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;

export interface RestoreRequest {
  readonly database: string;
  readonly former: FormerSettings;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Puts the settings back where they are still lifted; one that somebody has set meanwhile is left alone. Clients that have waited
 * longer than the former limit would be dropped by it, so they are served first. Gives the limits that were put back.
 */
export async function restore(admin: PoolerConsole, request: RestoreRequest): Promise<readonly string[]> {
  const { former } = request;
  const present = new Map((await admin.show('CONFIG')).map((row) => [String(row.key), String(row.value)]));
  const lifted = Object.entries(former).filter(([setting]) => Number(present.get(setting)) === 0);
  if (lifted.length === 0) return [];
  await untilServed(admin, request);
  for (const [setting, value] of lifted) await admin.command(`SET ${setting} = '${value.replaceAll("'", "''")}'`);
  return liftedLimits(Object.fromEntries(lifted)).map(([setting, value]) => `${setting} = ${value}`);
}

async function untilServed(admin: PoolerConsole, { database, former, clock, signal }: RestoreRequest): Promise<void> {
  const shortestMs = Math.min(...liftedLimits(former).map(([, seconds]) => Number(seconds) * 1_000));
  const giveUpAtMs = clock.nowMs() + SERVED_WITHIN_MS;
  for (;;) {
    const pools = await readPools(admin, database);
    // Half of it, because the look and the setting take time too. Those that wait to be logged in, which takes a first connection, are not
    // counted in the longest wait.
    const isServed = pools.every(
      ({ waiting, longestWaitMs, servers }) => waiting === 0 || (servers > 0 && longestWaitMs < shortestMs / 2),
    );
    if (isServed || clock.nowMs() >= giveUpAtMs) return;
    await clock.pause(LOOK_EVERY_MS, signal);
  }
}
