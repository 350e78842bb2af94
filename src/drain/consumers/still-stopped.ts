/**
 * Before a step: what this run has paused was proven stopped once, and has to say so still. A scheduler, a deployment or a person may have
 * started it since.
 */
import type { ConsumerAnswer } from '../../checks/consumers/answer.ts';
import { oneProblem } from '../../checks/target/one-problem.ts';
import { type Problem, ProblemError } from '../../model/problem.ts';
import type { HeldThing, LetGoContext } from '../held-thing.ts';
import { lookAtEach } from './look-at-each.ts';

/**
 * Looks once at each consumer of the target that is noted, side by side; asks nobody where none is. What an earlier run left noted and
 * this target does not name is not this run's.
 * Errors, all of class `retry`: `consumer-not-stopped`; what makes one unreachable. And `interrupted`.
 */
export async function requireStopped(context: LetGoContext, noted: readonly HeldThing[]): Promise<void> {
  const names = new Set(noted.flatMap(({ kind, name }) => (kind === 'consumer' ? [name] : [])));
  const paused = (context.target.consumers ?? []).filter(({ name }) => names.has(name));
  if (paused.length === 0) return;
  const answers = await lookAtEach(paused, context);
  const problem = oneProblem([...answers.flatMap(started), ...answers.flatMap(silent)]);
  if (problem) throw new ProblemError({ ...problem, retry: 'retry' });
}

function started(answer: ConsumerAnswer): Problem[] {
  return answer.kind === 'running' || answer.kind === 'neither' ? [notStopped(answer.name, answer.said)] : [];
}

function silent(answer: ConsumerAnswer): Problem[] {
  return answer.kind === 'no-answer' ? [answer.problem] : [];
}

function notStopped(name: string, said: string): Problem {
  return {
    code: 'consumer-not-stopped',
    message: `${name} had stopped, and no longer says so`,
    found: `${name} says: ${said}`,
    expected: 'its own word that it has stopped, for as long as the run is at work',
    next: `find out who started ${name}, and stop it by hand: the step is tried again for minutes before the run is undone`,
    retry: 'retry',
  };
}
