/**
 * Pauses one consumer: what it was is noted before it is touched, so that whoever lets go can put that back, whatever becomes of the
 * one who paused. It is done when the consumer itself says that it has stopped.
 */
import { fact } from '../../checks/outcome.ts';
import type { Consumer } from '../../model/consumer.ts';
import { formatDuration } from '../../model/duration.ts';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import { systemClock } from '../../postgres/clock.ts';
import type { HeldThing, LetGoContext } from '../held-thing.ts';
import type { HoldContext } from '../hold.ts';
import { isNoted } from '../lease/notes.ts';
import { bring } from './bring.ts';
import type { Look } from './control.ts';
import { type Former, formerOf, noteOf } from './former.ts';
import { controlOf } from './registry.ts';
import { type ConsumerOutcome, letGoOfConsumer } from './resume.ts';
import { type Deadline, persist } from './try-again.ts';

type PauseContext = LetGoContext & Pick<HoldContext, 'notes'>;

/**
 * Harmless where it has stopped already; one that somebody else had stopped is left to them.
 * Errors: `consumer-still-running`, `consumer-started-meanwhile`, those of its kind, `hold-lost`, `interrupted`. All but those of
 * the notes are final: everything was tried for the consumer's own time.
 */
export async function pauseConsumer(context: PauseContext, consumer: Consumer): Promise<ConsumerOutcome> {
  const { clock = systemClock, signal, notes, onProgress } = context;
  const startedMs = clock.nowMs();
  const deadline: Deadline = { clock, signal, atMs: startedMs + consumer.timeoutMs };
  const control = controlOf(consumer, context);
  const before = await forGood(persist(deadline, () => control.look()));
  const noted = await notes.note(noteOf(consumer.name, before));
  const former = formerOf(noted);
  if (former.state === 'stopped') return leftAlone(consumer, former, before);
  const look = await forGood(
    bring(
      control,
      {
        call: 'pause',
        reached: ({ kind }) => kind === 'stopped',
        notReached: (last) => stillRunning(consumer, last),
        onLook: ({ said }) => onProgress?.(`waiting for ${consumer.name} to stop: ${said}`),
      },
      deadline,
    ),
  );
  await requireStillOurs(context, noted);
  const took = formatDuration(clock.nowMs() - startedMs);
  return {
    summary: `${consumer.name} has stopped: ${look.said}`,
    evidence: [
      fact('before', `${former.state}: ${former.said}`),
      fact('proof', look.said, 'stopped'),
      fact('took', took, `at most ${formatDuration(consumer.timeoutMs)}`),
    ],
  };
}

/** A process that slept for a while may have paused what its guard had let go of. Error: `hold-lost`. */
async function requireStillOurs(context: PauseContext, thing: HeldThing): Promise<void> {
  try {
    await context.notes.note(thing);
  } catch (error) {
    // Where a later hold has noted it, it is that one's by now, and so is letting go.
    if (!(await isNoted(context.url, thing))) await letGoOfConsumer(context, thing);
    throw error;
  }
}

/** Stopped before the run: it is not touched now, and not started afterwards. */
function leftAlone({ name }: Consumer, former: Former, now: Look): ConsumerOutcome {
  if (now.kind === 'stopped')
    return {
      summary: `${name} was stopped before the run, and stays so after it: ${now.said}`,
      evidence: [fact('before', `stopped: ${former.said}`), fact('proof', now.said, 'stopped')],
    };
  throw new ProblemError({
    code: 'consumer-started-meanwhile',
    message: `${name} was stopped when the run came to it, and somebody has started it since`,
    found: `then: ${former.said}; now: ${now.said}`,
    expected: 'a consumer that stays as it was for as long as the run is at work',
    next: 'find out who starts it, then start the run again',
  });
}

function stillRunning({ name, timeoutMs }: Consumer, last: Look | undefined): ProblemError {
  return new ProblemError({
    code: 'consumer-still-running',
    message: `${name} was told to stop and has not stopped within ${formatDuration(timeoutMs)}`,
    found: last ? `it says: ${last.said}` : 'it does not say what it does',
    expected: 'its own word that it has stopped',
    next: `look at ${name}: what it is at work on has to end; or give it a longer timeout in drydock.yaml`,
  });
}

/** Everything was tried for as long as the consumer is given: another attempt of the whole would only hold up the run. */
async function forGood<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isProblemError(error) || error.problem.code === 'interrupted') throw error;
    throw new ProblemError({ ...error.problem, retry: 'stop' }, { cause: error });
  }
}
