/** Activities that pause and resume one consumer each. */
import type { Attempt } from './alive.ts';
import type { RunbookActivities } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

type PauseConsumer = RunbookActivities['pauseConsumer'];

export async function pauseRunConsumer(
  _deps: Dependencies,
  _input: Parameters<PauseConsumer>[0],
  _attempt: Attempt,
): ReturnType<PauseConsumer> {
  throw new TypeError('pauseConsumer: being built');
}

type ResumeConsumer = RunbookActivities['resumeConsumer'];

export async function resumeRunConsumer(
  _deps: Dependencies,
  _input: Parameters<ResumeConsumer>[0],
  _attempt: Attempt,
): ReturnType<ResumeConsumer> {
  throw new TypeError('resumeConsumer: being built');
}
