/**
 * One look at each of several consumers, side by side: what each says of itself, or why it does not answer. Nothing is told to any of
 * them, and what follows from an answer is decided by whoever asks.
 */
import type { ConsumerAnswer, ConsumersAsked } from '../../checks/consumers/answer.ts';
import type { Consumer } from '../../model/consumer.ts';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import { systemClock } from '../../postgres/clock.ts';
import { problemFromPg } from '../../postgres/problem-from-pg.ts';
import type { Look } from './control.ts';
import { controlOf } from './registry.ts';
import { persist } from './try-again.ts';

/** So long trouble that passes is tried again, and so long one look may take: a consumer's own time is for stopping. */
const PERSIST_MS = 3_000;
const LOOK_MS = 10_000;

/** In the order of the consumers. Error: `interrupted`. */
export function lookAtEach(consumers: readonly Consumer[], access: ConsumersAsked): Promise<readonly ConsumerAnswer[]> {
  return Promise.all(consumers.map((consumer) => answerOf(consumer, access)));
}

async function answerOf(consumer: Consumer, access: ConsumersAsked): Promise<ConsumerAnswer> {
  const { clock = systemClock, signal } = access;
  const { name } = consumer;
  const control = controlOf({ ...consumer, timeoutMs: Math.min(consumer.timeoutMs, LOOK_MS) }, access);
  const deadline = { clock, signal, atMs: clock.nowMs() + PERSIST_MS };
  try {
    return { name, ...(await persist(deadline, () => asProblem(control.look(), name))) };
  } catch (error) {
    if (!isProblemError(error) || error.problem.code === 'interrupted') throw error;
    return { name, kind: 'no-answer', problem: error.problem };
  }
}

/** What a server says of a query tells by its class whether it passes. */
async function asProblem(look: Promise<Look>, name: string): Promise<Look> {
  try {
    return await look;
  } catch (error) {
    if (isProblemError(error)) throw error;
    const problem = problemFromPg(error, { doing: `asking the consumer ${name}`, code: 'consumer-unreachable' });
    throw new ProblemError(problem, { cause: error });
  }
}
