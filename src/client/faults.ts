/** What a call to Temporal ran into, told apart by gRPC codes and the SDK's errors, without loading the SDK. */

/**
 * - `not-found`: no such workflow, or it is closed where an open one is needed.
 * - `no-worker`: the server answers, but nobody who carries out workflows did in time.
 * - `no-server`: the server itself does not answer.
 */
export type Fault = 'not-found' | 'no-worker' | 'no-server' | 'other';

const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
const CANCELLED = 1;

/** `asking`: who had to answer the call; a deadline that passes means another thing for each. */
export function faultOf(error: unknown, asking: 'worker' | 'server'): Fault {
  if (nameOf(error) === 'WorkflowNotFoundError') return 'not-found';
  if (nameOf(error) === 'WorkflowUpdateRPCTimeoutOrCancelledError') return 'no-worker';
  switch (grpcCode(error)) {
    case NOT_FOUND:
      return 'not-found';
    case FAILED_PRECONDITION:
      return 'no-worker';
    case DEADLINE_EXCEEDED:
    case CANCELLED:
      return asking === 'worker' ? 'no-worker' : 'no-server';
    case UNAVAILABLE:
      return 'no-server';
    default:
      return 'other';
  }
}

/** The gRPC status code of an error or of what caused it. */
function grpcCode(error: unknown): number | undefined {
  let current = error;
  while (current instanceof Error) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'number') return code;
    current = current.cause;
  }
  return undefined;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
