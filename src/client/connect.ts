/**
 * The client's connection to Temporal, from the profiles and variables that the Temporal CLI reads too. The SDK is loaded
 * when it is needed: it takes a quarter of a second that `--help` should not pay.
 */
import type { Client, Connection } from '@temporalio/client';
import { ProblemError } from '../model/problem.ts';
import { connectionFault } from './reachable.ts';

/** An open connection with its namespace. `close` must come after every call has been answered. */
export interface TemporalLink {
  readonly client: Client;
  /** `host:port`, for messages. */
  readonly address: string;
  readonly namespace: string;
  readonly close: () => Promise<void>;
}

const DEFAULT_ADDRESS = '127.0.0.1:7233';
const CONNECT_TIMEOUT_MS = 5_000;

// The defaults back off to two minutes: a client would find a server that came back only 20 s later.
const CHANNEL_ARGS = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

/**
 * Connects by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE and what the profile says of TLS and API keys.
 * Errors: `temporal-profile-invalid`; `temporal-unreachable` with the address, after `timeoutMs` (default 5 s).
 * `variables`: the process environment, given by the entry point.
 */
export async function connectTemporal(
  variables: Record<string, string>,
  { timeoutMs = CONNECT_TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<TemporalLink> {
  const [{ Client, Connection }, profile] = await Promise.all([import('@temporalio/client'), readProfile(variables)]);
  const { connectionOptions, namespace = 'default' } = profile;
  const { address = DEFAULT_ADDRESS, apiKey, tls, metadata } = connectionOptions;
  const options = {
    address,
    channelArgs: CHANNEL_ARGS,
    connectTimeout: timeoutMs,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata: metadata as Record<string, string> }),
  };
  const connection: Connection = Connection.lazy(options);
  try {
    await connection.ensureConnected();
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw unreachable(address, `${await connectionFault(address)}, tried for ${timeoutMs / 1000} s`, error);
  }
  return { client: new Client({ connection, namespace }), address, namespace, close: () => connection.close() };
}

async function readProfile(variables: Record<string, string>) {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  try {
    return loadClientConnectConfig({ overrideEnvVars: variables });
  } catch (error) {
    throw new ProblemError(
      {
        code: 'temporal-profile-invalid',
        message: 'the settings for Temporal cannot be read',
        found: firstLine(error),
        expected: 'TEMPORAL_ADDRESS, or a profile of the Temporal CLI that exists',
        next: 'temporal config list',
      },
      { cause: error },
    );
  }
}

/** The Problem of a server that does not answer, when connecting and later. */
export function unreachable(address: string, found: string, cause: unknown): ProblemError {
  return new ProblemError(
    {
      code: 'temporal-unreachable',
      message: `no Temporal server answers at ${address}`,
      found,
      expected: 'a Temporal server, named by TEMPORAL_ADDRESS or by a profile of the Temporal CLI',
      next: 'start one (`pnpm dev` brings its own), or export TEMPORAL_ADDRESS=host:7233',
      retry: 'retry',
    },
    { cause },
  );
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}
