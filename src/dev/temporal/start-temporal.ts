/**
 * Gives a Temporal server: the one that the environment names, else one of our own. It decides only between these two.
 */
import { type Environment, readEnvironment } from '../../cli/environment.ts';
import { ProblemError } from '../../model/problem.ts';
import type { OnProgress } from '../progress.ts';
import type { Reaper } from '../reaper/start-reaper.ts';
import { waitUntilReady } from './connection.ts';
import { findTemporal } from './find-temporal.ts';
import { startOwnServer } from './own-server.ts';

export interface TemporalOptions {
  /** `none` saves the web server. Default `ui`. */
  readonly ui?: 'ui' | 'none';
  /** Default: a free one. A given one is not exchanged when it is taken. */
  readonly port?: number;
  /** File to keep the state in. Default: in memory. */
  readonly dbFile?: string;
  readonly onProgress?: OnProgress;
  /** Ends the server when this process dies without calling `stop`. */
  readonly reaper?: Reaper;
  /** Default: that of this process. */
  readonly environment?: Environment;
}

export interface TemporalServer {
  /** `host:port` of the gRPC service. */
  readonly address: string;
  /** undefined where there is no UI, or a server not ours. */
  readonly uiUrl: string | undefined;
  readonly namespace: string;
  /** undefined for a server that was already there. */
  readonly pid: number | undefined;
  /** The `temporal` program, for the commands a reader may paste; undefined for a server that was already there. */
  readonly program: string | undefined;
  /** Ends our own server; does nothing to another. May be called more than once. */
  readonly stop: () => Promise<void>;
}

/** Throws the Problems `temporal-unreachable`, `temporal-not-found`, `temporal-not-started`. */
export async function startTemporal(options: TemporalOptions = {}): Promise<TemporalServer> {
  const startedAt = performance.now();
  const environment = options.environment ?? readEnvironment();
  const onProgress = options.onProgress ?? (() => {});
  const server = environment.temporalAddress
    ? await useExisting(environment.temporalAddress, environment.temporalNamespace)
    : await findAndStart({ ...options, onProgress }, environment);
  const elapsedMs = performance.now() - startedAt;
  onProgress({ kind: 'temporal-ready', address: server.address, uiUrl: server.uiUrl, elapsedMs });
  return server;
}

async function useExisting(address: string, namespace: string): Promise<TemporalServer> {
  const readiness = await waitUntilReady(address, namespace, 5_000);
  if (readiness.kind === 'ready') {
    return { address, namespace, uiUrl: undefined, pid: undefined, program: undefined, stop: async () => {} };
  }
  throw new ProblemError({
    code: 'temporal-unreachable',
    message: `the Temporal server named by TEMPORAL_ADDRESS does not serve namespace ${namespace}`,
    found: `${address}: ${readiness.reason}`,
    next: 'start that server, correct TEMPORAL_ADDRESS, or unset it to have one started',
    retry: 'retry',
  });
}

async function findAndStart(
  options: TemporalOptions & { readonly onProgress: OnProgress },
  environment: Environment,
): Promise<TemporalServer> {
  const { onProgress, reaper } = options;
  const { path } = await findTemporal({ environment, onProgress, reaper });
  return startOwnServer({ program: path, options, environment });
}
