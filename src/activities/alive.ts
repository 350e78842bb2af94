/**
 * Around every activity: heartbeats while it works, a look at whether the attempt is stale before it starts, and the
 * translation of its errors. Activities themselves then know little of Temporal.
 */
import { activityInfo, cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { toFailure } from './translate.ts';

// Half of what the heartbeat timeout of 5 s needs to survive a lost beat, and what a cancellation waits for.
const HEARTBEAT_EVERY_MS = 300;

// A task that waited longer than this between being scheduled and being started may have sat in a frozen worker's poll.
const STALE_AFTER_MS = 500;

/** What an activity gets beside its input. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** Shown in the Temporal UI as the heartbeat's details. */
  readonly progress: (text: string) => void;
}

type Work<I, O> = (input: I, attempt: Attempt) => Promise<O>;

/** The function a worker registers for `work`. */
export function alive<I, O>(work: Work<I, O>): (input: I) => Promise<O> {
  return async (input) => {
    await refuseStaleAttempt();
    const signal = cancellationSignal();
    let latest = 'started';
    const beat = setInterval(() => heartbeat(latest), HEARTBEAT_EVERY_MS);
    const progress = (text: string): void => {
      latest = text;
    };
    try {
      return await work(input, { signal, progress });
    } catch (error) {
      throw toFailure(error, signal, patienceOf(input));
    } finally {
      clearInterval(beat);
    }
  };
}

/** A heartbeat of a stale attempt is answered with a cancellation, and the sleep then throws. Fencing does the rest. */
async function refuseStaleAttempt(): Promise<void> {
  const info = activityInfo();
  if (Date.now() - info.currentAttemptScheduledTimestampMs <= STALE_AFTER_MS) return;
  heartbeat(info.heartbeatDetails);
  await sleep('300ms');
}

/** `writeReport` has its run in a member; everything else is about the run itself. */
function patienceOf(input: unknown): 'give-up' | 'keep-trying' {
  return (input as { patience?: unknown }).patience === 'keep-trying' ? 'keep-trying' : 'give-up';
}
