/**
 * Can each consumer of the target be reached, and paused, as far as that can be told without pausing it? Asked before anybody approves:
 * afterwards it would end the run. One that has stopped already is fine.
 */
import { assertNever } from '../../model/assert-never.ts';
import type { Problem } from '../../model/problem.ts';
import type { CheckContext } from '../context.ts';
import { fact } from '../outcome.ts';
import type { Finding } from '../target/look.ts';
import type { ConsumerAnswer } from './answer.ts';

type Asking = Pick<CheckContext, 'target' | 'url' | 'secret' | 'askConsumers' | 'clock' | 'signal'>;

/** Nothing where the target has no consumers. Error: `interrupted`. */
export async function consumerFinding(context: Asking): Promise<Finding> {
  const { askConsumers, secret, url, clock, signal } = context;
  const { consumers = [] } = context.target;
  if (consumers.length === 0) return { evidence: [] };
  if (!askConsumers || !secret)
    return { evidence: consumers.map(({ name }) => fact(nameOf(name), 'not asked: it cannot be reached from here')) };
  const answers = await askConsumers(consumers, {
    url,
    secret,
    ...(clock ? { clock } : {}),
    ...(signal ? { signal } : {}),
  });
  return {
    evidence: answers.map((answer) => fact(nameOf(answer.name), wordsOf(answer), 'answers, may be paused')),
    problems: answers.flatMap((answer) => problemOf(answer) ?? []),
  };
}

function nameOf(name: string): string {
  return `consumer ${name}`;
}

function wordsOf(answer: ConsumerAnswer): string {
  const { kind } = answer;
  switch (kind) {
    case 'running':
      return `running: ${answer.said}${hindered(answer)}`;
    case 'stopped':
      return `stopped already, and stays so: ${answer.said}${hindered(answer)}`;
    case 'neither':
      return `neither running nor stopped: ${answer.said}${hindered(answer)}`;
    case 'no-answer':
      return `no answer: ${answer.problem.message}`;
    default:
      return assertNever(kind);
  }
}

function hindered({ hindrance }: { readonly hindrance?: Problem }): string {
  return hindrance ? `; ${hindrance.message}` : '';
}

/** What has stopped already is not touched by a run. */
function problemOf(answer: ConsumerAnswer): Problem | undefined {
  if (answer.kind === 'no-answer') return answer.problem;
  return answer.kind === 'stopped' ? undefined : answer.hindrance;
}
