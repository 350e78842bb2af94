/** Starts the worker of this checkout as a process of its own, with the servers of a stack. It knows nothing of what a worker does. */
import { fileURLToPath } from 'node:url';
import type { Environment, Variables } from '../cli/environment.ts';
import { type ApartProcess, type Output, startApart } from './apart-process.ts';
import type { Reaper } from './reaper/start-reaper.ts';
import type { TemporalServer } from './temporal/start-temporal.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** A worker may finish the statement it is at. */
const PATIENCE_MS = 10_000;

export interface WorkerPlan {
  readonly environment: Environment;
  readonly temporal: Pick<TemporalServer, 'address' | 'namespace'>;
  /** Connection strings by variable, such as `DRYDOCK_DEV_DATABASE_URL`. */
  readonly databaseUrls: Variables;
  readonly output: Output;
  readonly reaper: Reaper;
}

/** The worker polls about a second later; what is started before waits for it in Temporal. */
export function startWorker({ environment, temporal, databaseUrls, output, reaper }: WorkerPlan): ApartProcess {
  return startApart({
    program: process.execPath,
    args: ['--import', 'tsx', 'worker.ts'],
    cwd: ROOT,
    env: environment.forChild({
      ...databaseUrls,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
    }),
    output,
    reaper,
    patienceMs: PATIENCE_MS,
  });
}
