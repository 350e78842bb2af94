/**
 * Keeps the lease of a hold alive beside the work. A lease that is lost ends the work: what was approved was work without traffic,
 * and somebody has let it back in.
 */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Problem } from '../../model/problem.ts';
import { problemOf } from './failures.ts';
import type { Run } from './run.ts';

export interface LeaseKeeper {
  /** Gives once nothing renews any more. */
  stop(): Promise<void>;
}

/**
 * Begins to renew. An abort or a cancellation ends the work, not this: traffic stays away until what was done is undone.
 * `onLost` is called once at the most, and not after a stop.
 */
export function keepLease(run: Run, onLost: (problem: Problem) => void): LeaseKeeper {
  let scope: CancellationScope | undefined;
  const renewing = CancellationScope.nonCancellable(async () => {
    scope = new CancellationScope();
    await scope.run(() => run.perform('keepHold', 'lease', 'Renew the lease of what is held', run.anyway));
  }).catch((error: unknown) => {
    if (!isCancellation(error)) onLost(problemOf(error));
  });
  return {
    stop: async () => {
      scope?.cancel();
      await renewing;
    },
  };
}
