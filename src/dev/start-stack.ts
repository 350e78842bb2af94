/**
 * The servers of one machine together: PostgreSQL and Temporal, started side by side. When one of them cannot be started, the
 * other is stopped again. It knows nothing of workers and runbooks.
 */
import { type Environment, readEnvironment } from '../cli/environment.ts';
import { type PostgresOptions, type PostgresServer, startPostgres } from './postgres/start-postgres.ts';
import type { OnProgress } from './progress.ts';
import type { Reaper } from './reaper/start-reaper.ts';
import { startTemporal, type TemporalOptions, type TemporalServer } from './temporal/start-temporal.ts';

type Shared = 'onProgress' | 'reaper' | 'environment';

export interface StackOptions {
  readonly onProgress?: OnProgress;
  /** Ends both servers when this process dies without calling `stop`. */
  readonly reaper: Reaper;
  /** Default: that of this process. */
  readonly environment?: Environment;
  readonly postgres?: Omit<PostgresOptions, Shared>;
  readonly temporal?: Omit<TemporalOptions, Shared>;
}

export interface Stack {
  readonly postgres: PostgresServer;
  readonly temporal: TemporalServer;
  /** Stops both, Temporal first. May be called more than once. */
  readonly stop: () => Promise<void>;
}

/** Throws the Problem of the first server that could not be started. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { reaper, onProgress = () => {}, environment = readEnvironment() } = options;
  const shared = { reaper, onProgress, environment };
  const [postgres, temporal] = await Promise.allSettled([
    startPostgres({ ...options.postgres, ...shared }),
    startTemporal({ ...options.temporal, ...shared }),
  ]);
  if (postgres.status === 'fulfilled' && temporal.status === 'fulfilled') {
    const stop = async (): Promise<void> => {
      await temporal.value.stop();
      await postgres.value.stop();
    };
    return { postgres: postgres.value, temporal: temporal.value, stop };
  }
  for (const start of [postgres, temporal]) if (start.status === 'fulfilled') await start.value.stop();
  throw postgres.status === 'rejected' ? postgres.reason : (temporal as PromiseRejectedResult).reason;
}
