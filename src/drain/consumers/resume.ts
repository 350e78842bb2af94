/**
 * Lets one consumer work again, or leaves it stopped where it was stopped before: by its note, so that a run, its guard, a command and
 * a starting worker do the same. It is done when the consumer itself says so.
 */
import { fact } from '../../checks/outcome.ts';
import type { Consumer } from '../../model/consumer.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Evidence } from '../../model/outcome.ts';
import { ProblemError } from '../../model/problem.ts';
import { systemClock } from '../../postgres/clock.ts';
import type { HeldThing, LetGoContext } from '../held-thing.ts';
import type { HoldContext } from '../hold.ts';
import { bring } from './bring.ts';
import type { Look } from './control.ts';
import { type FormerState, formerOf } from './former.ts';
import { controlOf } from './registry.ts';

export interface ConsumerOutcome {
  /** One line. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
}

type ResumeContext = LetGoContext & Pick<HoldContext, 'notes'>;

/**
 * Harmless where nothing is noted of it. The note is forgotten only after the proof.
 * Errors: those of `letGoOfConsumer` and of the notes.
 */
export async function resumeConsumer(
  context: ResumeContext,
  { name }: Pick<Consumer, 'name'>,
): Promise<ConsumerOutcome> {
  const noted = await context.notes.noted();
  const thing = noted.find((one) => one.kind === 'consumer' && one.name === name);
  if (!thing) return { summary: `${name} was not paused by this run: nothing to resume`, evidence: [] };
  const summary = await letGoOfConsumer(context, thing);
  await context.notes.forget(thing);
  const { state, said } = formerOf(thing);
  return { summary, evidence: [fact('before the run', `${state}: ${said}`)] };
}

/**
 * Puts back what the note says, and gives one line about it; the note itself is the caller's to forget.
 * Errors: `consumer-unknown`, `consumer-not-running` and what makes it unreachable (both of class `retry`), what its kind refuses
 * for good, `interrupted`.
 */
export async function letGoOfConsumer(context: LetGoContext, thing: HeldThing): Promise<string> {
  const { clock = systemClock, signal, onProgress } = context;
  const { state, said } = formerOf(thing);
  if (state === 'stopped') return `${thing.name} was stopped before the run, and stays so: ${said}`;
  const consumer = (context.target.consumers ?? []).find(({ name }) => name === thing.name);
  if (!consumer) throw unknown(thing.name, context.target.name);
  const look = await bring(
    controlOf(consumer, context),
    {
      call: 'resume',
      reached: ({ kind }) => isAsBefore(kind, state),
      notReached: (last) => notRunning(consumer, last),
      onLook: (now) => onProgress?.(`waiting for ${consumer.name} to run: ${now.said}`),
    },
    { clock, signal, atMs: clock.nowMs() + consumer.timeoutMs },
  );
  return `${consumer.name} is back: ${look.said}`;
}

/** One that did not say that it runs before need not say so now. */
function isAsBefore(now: Look['kind'], before: FormerState): boolean {
  return before === 'unclear' ? now !== 'stopped' : now === 'running';
}

function unknown(name: string, target: string): ProblemError {
  return new ProblemError({
    code: 'consumer-unknown',
    message: `the consumer ${name} was paused, and ${target} no longer names it`,
    found: `drydock.yaml has no consumer ${name} for ${target} where this process works`,
    expected: 'the consumer as it was when it was paused',
    next: `put ${name} back into drydock.yaml, then \`release\`; or resume it by hand`,
  });
}

function notRunning({ name, timeoutMs }: Consumer, last: Look | undefined): ProblemError {
  return new ProblemError({
    code: 'consumer-not-running',
    message: `${name} was told to go on and does not run after ${formatDuration(timeoutMs)}`,
    found: last ? `it says: ${last.said}` : 'it does not say what it does',
    expected: 'its own word that it runs',
    next: `look at ${name} and start it by hand where it has to be; then \`release\``,
    retry: 'retry',
  });
}
