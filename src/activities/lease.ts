/**
 * Activities that keep a hold alive, and stretch it for a person. It is renewed only for a run that Temporal calls running: where Temporal
 * cannot be asked, the lease runs out and the guard lets go.
 */
import { cancellationDetails } from '@temporalio/activity';
import { withHoldSession } from '../drain/lease/hold-session.ts';
import { extendLease, renewLease } from '../drain/lease/lease.ts';
import { letGoOfAll } from '../drain/let-go-of-all.ts';
import { leaseMsOf } from '../model/drain.ts';
import { formatDuration } from '../model/duration.ts';
import { isProblemError } from '../model/problem.ts';
import { systemClock } from '../postgres/clock.ts';
import { classifyError } from '../postgres/sqlstate.ts';
import type { Attempt } from './alive.ts';
import type { ClaimedRef, RunbookActivities } from './contract.ts';
import { type Dependencies, type Ground, groundOf, type HolderState } from './dependencies.ts';
import { endLeaseOfNothing, ensureLease, guardHold, RENEWALS } from './hold-lease.ts';
import { timed } from './steps.ts';

type KeepHold = RunbookActivities['keepHold'];

/** Ends when it is cancelled, or when the run is over. Error: `hold-lost`; a database that is away for a while is none. */
export async function keepRunHold(
  deps: Dependencies,
  input: Parameters<KeepHold>[0],
  attempt: Attempt,
): ReturnType<KeepHold> {
  const ground = await groundOf(deps, input);
  const pauseMs = leaseMsOf(ground.target.view.drain) / RENEWALS;
  await ensureLease(deps, ground, input);
  const renewal = renewalOf(deps, ground, input);
  try {
    for (;;) {
      await systemClock.pause(pauseMs, attempt.signal);
      const state = await runState(deps, input, pauseMs);
      if (state === 'closed') return void (await letGoOfRun(ground, input, attempt.progress));
      attempt.progress(state === 'running' ? await renewal() : NOT_RENEWED);
    }
  } finally {
    if (wasCancelled(attempt)) await endLeaseOfNothing(ground, input);
    if (await wasTerminated(deps, input)) await letGoOfRun(ground, input, attempt.progress);
  }
}

/** Temporal knows this attempt no more. It may also have given it to another worker, and the run is open. */
async function wasTerminated(deps: Dependencies, ref: ClaimedRef): Promise<boolean> {
  return cancellationDetails()?.notFound === true && (await runState(deps, ref, ANSWER_WITHIN_MS)) === 'closed';
}

const ANSWER_WITHIN_MS = 5_000;

const NOT_RENEWED = 'the lease is not renewed: Temporal does not say whether the run is still open';

/** A server that hangs says as little as one that is down. */
async function runState({ holderState }: Dependencies, ref: ClaimedRef, limitMs: number): Promise<HolderState> {
  const giveUp = new AbortController();
  const late = systemClock.pause(limitMs, giveUp.signal).then(
    () => 'unknown' as const,
    () => 'unknown' as const,
  );
  try {
    return await Promise.race([holderState(ref).catch(() => 'unknown' as const), late]);
  } finally {
    giveUp.abort();
  }
}

/**
 * Renews, and says so in a line. Whatever goes wrong is waited out for as long as the lease would last: the lease tells in the end
 * whether it was too long. Errors: `hold-lost`; after a lease's time, what would not pass by itself.
 */
function renewalOf(deps: Dependencies, ground: Ground, ref: ClaimedRef): () => Promise<string> {
  const leaseMs = leaseMsOf(ground.target.view.drain);
  let renewedAtMs = systemClock.nowMs();
  return async () => {
    try {
      const row = await withHoldSession(ground, (client) => renewLease(client, ref, leaseMs));
      renewedAtMs = systemClock.nowMs();
      await guardHold(deps, ground, ref);
      return `lease until ${row.expiresAt}`;
    } catch (error) {
      const { code, retry } = isProblemError(error) ? error.problem : classifyError(error);
      const isLate = systemClock.nowMs() - renewedAtMs > leaseMs;
      if (code === 'hold-lost' || (retry === 'stop' && isLate)) throw error;
      return `the lease could not be renewed: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
}

/** The run was terminated, or ended without this being cancelled. What waits for a person is left to its time. */
async function letGoOfRun(
  { url, target, secret }: Ground,
  owner: ClaimedRef,
  progress: Attempt['progress'],
): Promise<void> {
  const context = { url, secret, target: target.view, onProgress: progress };
  await withHoldSession({ url }, async (client) => {
    await letGoOfAll(context, client, { owner, by: 'worker', when: 'run-is-over' });
  });
}

/** By the run, and not because this worker is being stopped: then another goes on. */
function wasCancelled({ signal }: Attempt): boolean {
  const details = cancellationDetails();
  return signal.aborted && !details?.workerShutdown && !details?.paused && !details?.reset;
}

type ExtendHold = RunbookActivities['extendHold'];

/** Errors: `hold-lost`. */
export async function extendRunHold(
  deps: Dependencies,
  input: Parameters<ExtendHold>[0],
  _attempt: Attempt,
): ReturnType<ExtendHold> {
  const ground = await groundOf(deps, input);
  const { forMs } = input;
  return timed(async () => {
    const { expiresAt } = await withHoldSession(ground, (client) => extendLease(client, input, forMs));
    await guardHold(deps, ground, input);
    return {
      summary: `what is held stays held until ${expiresAt}, and is then let go by itself`,
      evidence: [{ name: 'held for a person', value: `until ${expiresAt}`, limit: formatDuration(forMs) }],
    };
  });
}
