/**
 * Brings a consumer into a state and waits for its own proof of it. The call may fail, be repeated or have been somebody else's: what
 * counts is what the consumer says afterwards.
 */
import { isProblemError } from '../../model/problem.ts';
import type { ConsumerControl, Look } from './control.ts';
import { type Deadline, isPassing, persist, waitAfter, waited } from './try-again.ts';

export interface Wanted {
  readonly call: 'pause' | 'resume';
  readonly reached: (look: Look) => boolean;
  /** What to throw when the time is over and the call had been accepted; `last` is what it said last. */
  readonly notReached: (last: Look | undefined) => Error;
  readonly onLook?: (look: Look) => void;
}

/** Between two looks at one that was told and is on its way. */
const LOOK_EVERY_MS = 500;

/** Gives the look that proves it. Errors: `notReached`, and those of the calls where the deadline ended them. */
export async function bring(control: ConsumerControl, wanted: Wanted, deadline: Deadline): Promise<Look> {
  let told = false;
  let last: Look | undefined;
  for (let tries = 0; ; tries += 1) {
    const refusal: unknown = told ? undefined : await failureOf(control[wanted.call]());
    told = refusal === undefined;
    const looked = await lookAgain(control, refusal, deadline);
    last = looked ?? last;
    if (looked && wanted.reached(looked)) return looked;
    if (looked) wanted.onLook?.(looked);
    if (refusal !== undefined && !isPassing(refusal)) throw refusal;
    const goesOn = await waited(told ? LOOK_EVERY_MS : waitAfter(refusal, tries), deadline);
    if (!goesOn) throw refusal ?? wanted.notReached(last);
  }
}

/** One look, for as long as the deadline lets it try where there is nothing else to say; undefined where the call's failure tells more. */
async function lookAgain(control: ConsumerControl, refusal: unknown, deadline: Deadline): Promise<Look | undefined> {
  if (refusal === undefined) return persist(deadline, () => control.look());
  return control.look().catch((error: unknown) => {
    if (isProblemError(error) && error.problem.code !== 'interrupted') return undefined;
    throw error;
  });
}

async function failureOf(call: Promise<void>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (isProblemError(error) && error.problem.code !== 'interrupted') return error;
    throw error;
  }
}
