/** Activities that pause and resume one consumer each. */
import { pauseConsumer } from '../drain/consumers/pause.ts';
import { resumeConsumer } from '../drain/consumers/resume.ts';
import { ProblemError } from '../model/problem.ts';
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import { type Dependencies, groundOf } from './dependencies.ts';
import { endLeaseOfNothing, ensureLease } from './hold-lease.ts';
import { timed } from './steps.ts';
import { holdContext } from './traffic.ts';

type PauseConsumer = RunbookActivities['pauseConsumer'];

/** Errors: those of `pauseConsumer`, and `consumer-unknown` where this worker's target does not have it. */
export async function pauseRunConsumer(
  deps: Dependencies,
  input: Parameters<PauseConsumer>[0],
  attempt: Attempt,
): ReturnType<PauseConsumer> {
  const ground = await groundOf(deps, input);
  const { name, consumers = [] } = ground.target.view;
  const consumer = consumers.find((one) => one.name === input.consumer);
  if (!consumer)
    throw new ProblemError({
      code: 'consumer-unknown',
      message: `the target ${name} has no consumer ${input.consumer} here`,
      found: consumers.map((one) => one.name).join(', ') || 'no consumers',
      next: 'give every worker of this task queue the same drydock.yaml, then start the run again',
    });
  return timed(async () => {
    await ensureLease(deps, ground, input);
    return pauseConsumer(holdContext(deps, ground, input, attempt), consumer);
  });
}

type ResumeConsumer = RunbookActivities['resumeConsumer'];

export async function resumeRunConsumer(
  deps: Dependencies,
  input: Parameters<ResumeConsumer>[0],
  attempt: Attempt,
): ReturnType<ResumeConsumer> {
  const ground = await groundOf(deps, input);
  return timed(async () => {
    const resumed = await resumeConsumer(holdContext(deps, ground, input, attempt), { name: input.consumer });
    await endLeaseOfNothing(ground, input);
    return resumed;
  });
}
