/** The worker's connection to Temporal, from the profiles and variables that the Temporal CLI reads too. */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { ProblemError } from '../model/problem.ts';

export interface WorkerConnection {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** `host:port`, for messages. */
  readonly address: string;
}

const DEFAULT_ADDRESS = '127.0.0.1:7233';

/**
 * Connects by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE and the profile's TLS and API key.
 * Error: `temporal-unreachable` with the address. `variables`: the process environment, given by the entry point.
 */
export async function connectWorker(variables: Record<string, string>): Promise<WorkerConnection> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({ overrideEnvVars: variables });
  const address = connectionOptions.address ?? DEFAULT_ADDRESS;
  try {
    return { connection: await NativeConnection.connect({ ...connectionOptions, address }), namespace, address };
  } catch (error) {
    throw unreachable(address, error);
  }
}

function unreachable(address: string, cause: unknown): ProblemError {
  return new ProblemError(
    {
      code: 'temporal-unreachable',
      message: `no Temporal server answers at ${address}`,
      found: cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause),
      expected: 'a Temporal server, named by TEMPORAL_ADDRESS or by a profile of the Temporal CLI',
      next: 'start one (`pnpm dev` brings its own), or export TEMPORAL_ADDRESS=host:7233',
      retry: 'retry',
    },
    { cause },
  );
}
