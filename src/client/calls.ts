/** Calls to Temporal that end: each with a deadline, each fault as a Problem that names the way out. */
import { ProblemError } from '../model/problem.ts';
import { type TemporalLink, unreachable } from './connect.ts';
import { faultOf } from './faults.ts';

/** How long the server itself may take for an answer. */
export const SERVER_TIMEOUT_MS = 5_000;

/** Calls with a deadline `timeoutMs` from now. */
export function within<T>(link: TemporalLink, timeoutMs: number, call: () => Promise<T>): Promise<T> {
  return link.client.connection.withDeadline(Date.now() + timeoutMs, call);
}

/** A call that only the server has to answer. Errors: `temporal-unreachable`, `run-not-found`; others as they came. */
export async function askServer<T>(link: TemporalLink, workflowId: string, call: () => Promise<T>): Promise<T> {
  try {
    return await within(link, SERVER_TIMEOUT_MS, call);
  } catch (error) {
    switch (faultOf(error, 'server')) {
      case 'no-server':
        throw unreachable(link.address, 'the connection was lost, or the server takes too long', error);
      case 'not-found':
        throw runNotFound(link, workflowId);
      default:
        throw error;
    }
  }
}

export function runNotFound(link: TemporalLink, workflowId: string): ProblemError {
  return new ProblemError({
    code: 'run-not-found',
    message: `there is no run "${workflowId}"`,
    found: `Temporal at ${link.address}, namespace ${link.namespace}, knows none`,
    expected:
      '<runbook>/<target> of a run that was started and is not yet forgotten (Temporal keeps closed runs for its retention time)',
    next: 'look at those there are: pnpm tsx src/cli/drydock.ts runs',
  });
}
