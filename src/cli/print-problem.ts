/** Turns whatever a command threw into a Problem for its caller: with the runbook's resolution, an exact way out and no stack. */
import { isProblemError, type Problem, resolutionFor, type TroubleshootingEntry } from '../model/problem.ts';
import { problemFromPg } from '../postgres/problem-from-pg.ts';
import { classifyError, GENERIC_CODE, sqlstateOf } from '../postgres/sqlstate.ts';
import { type Invocation, withExactCommands } from './exact-commands.ts';

export interface ProblemFrame {
  readonly invocation: Invocation;
  /** None where the runbook itself could not be read. */
  readonly troubleshooting: readonly TroubleshootingEntry[];
}

export function finishedProblem(problem: Problem, { invocation, troubleshooting }: ProblemFrame): Problem {
  const entry = problem.resolution === undefined ? resolutionFor(problem, troubleshooting) : undefined;
  return withExactCommands({ ...problem, ...(entry ? { resolution: entry.resolution } : {}) }, invocation);
}

/** Anything that was thrown, as a Problem. */
export function problemOf(error: unknown, doing: string): Problem {
  if (isProblemError(error)) return error.problem;
  const isFromDatabase = sqlstateOf(error) !== undefined || classifyError(error).code !== GENERIC_CODE;
  if (isFromDatabase) return problemFromPg(error, { doing });
  return {
    code: 'unexpected-error',
    message: `${doing} ended with an error that Drydock does not know`,
    found: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    next: 'this is a fault of Drydock: report it with the command and this message',
    retry: 'stop',
  };
}
