/** How long activities may take and how they are retried, by what they do. Retries end by class of error, not by count. */
import { type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { RunbookActivities } from '../../activities/contract.ts';

// A worker that died is noticed after this time; workers heartbeat every few hundred milliseconds by themselves.
const heartbeatTimeout = '5s';

// The workflow must never go on (least of all to an undo) while a step may still be at work: the SDK's default would.
const cancellationType = 'WAIT_CANCELLATION_COMPLETED' as const;

const shared = { heartbeatTimeout, cancellationType } satisfies ActivityOptions;

/**
 * Reads and checks. Bounded by tries, about three minutes of them, not by the clock: while there is no worker at all, a run
 * waits. One try may take long: a dump is read to its end.
 */
const READ = {
  ...shared,
  startToCloseTimeout: '6h',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 20 },
} satisfies ActivityOptions;

/** Steps: traffic is held meanwhile, so a database that stays away ends the run. A single statement may take hours. */
const STEP = {
  ...shared,
  startToCloseTimeout: '12h',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '5s', maximumAttempts: 60 },
} satisfies ActivityOptions;

/** Undoing and letting go: there is nothing better to do than to try again, for a day at the most; soon after somebody has mended the cause. */
const UNDO = {
  ...shared,
  startToCloseTimeout: '12h',
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
} satisfies ActivityOptions;

/** About a quarter of a minute of tries: what fails for longer is said in the state, and then tried as above. */
const UNDO_SOON = {
  ...UNDO,
  retry: { ...UNDO.retry, maximumInterval: '5s', maximumAttempts: 8 },
} satisfies ActivityOptions;

/** The claim of a run that is over is recognised as stale by the next one: no reason to hold up its end for long. */
const LET_GO = { ...UNDO, scheduleToCloseTimeout: '10m' } satisfies ActivityOptions;

/** About ten seconds of tries: what fails for longer is told and then tried as an undo is, and others do not wait for it. */
const LET_GO_SOON = {
  ...UNDO,
  retry: { ...UNDO.retry, maximumInterval: '5s', maximumAttempts: 6 },
} satisfies ActivityOptions;

/** Reports are worth a few tries, never a hanging run. */
const REPORT = { ...shared, startToCloseTimeout: '30s', scheduleToCloseTimeout: '1m' } satisfies ActivityOptions;

/** For as long as something is held, through the deaths of workers: who renews is not asked for how long. */
const LEASE = {
  ...shared,
  startToCloseTimeout: '30d',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '2s' },
} satisfies ActivityOptions;

/** Beside the work: a few tries, and then the run has told nobody and goes on. */
const NOTIFY = {
  ...shared,
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '2m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '20s', maximumAttempts: 6 },
} satisfies ActivityOptions;

const PROFILES = {
  read: READ,
  step: STEP,
  undo: UNDO,
  'undo-soon': UNDO_SOON,
  'let-go': LET_GO,
  'let-go-soon': LET_GO_SOON,
  report: REPORT,
  lease: LEASE,
  notify: NOTIFY,
} as const;

export type ActivityProfile = keyof typeof PROFILES;

/** Calls one activity under a profile; `summary` is what the Temporal UI shows beside it. `taskQueue`: the target's own. */
export async function perform<K extends keyof RunbookActivities>(
  name: K,
  profile: ActivityProfile,
  summary: string,
  input: Parameters<RunbookActivities[K]>[0],
  taskQueue?: string,
): Promise<Awaited<ReturnType<RunbookActivities[K]>>> {
  const options: ActivityOptions = { ...PROFILES[profile], ...(taskQueue ? { taskQueue } : {}) };
  // The proxy's type cannot be narrowed by a generic name; the contract's own types are on the signature.
  const activities = proxyActivities(options) as unknown as Record<string, Callable>;
  const result = await activities[name]?.executeWithOptions({ ...options, summary }, [input]);
  return result as Awaited<ReturnType<RunbookActivities[K]>>;
}

interface Callable {
  executeWithOptions(options: ActivityOptions, args: unknown[]): Promise<unknown>;
}
