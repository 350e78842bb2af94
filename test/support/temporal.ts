/** Connections to the run's one Temporal server, and the command line program as an operator uses it. */
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, inject } from 'vitest';
import { type CommandOutcome, runCommand } from '../../src/dev/run-command.ts';
import './provided.ts';

export interface TestTemporal {
  readonly client: Client;
  /** For workers. */
  readonly nativeConnection: NativeConnection;
  readonly address: string;
  readonly namespace: string;
}

const closers: Array<() => Promise<void>> = [];

afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A client and a worker's connection, closed when the test file ends. Task queues are for the test to name after itself. */
export function connectTemporal(): Promise<TestTemporal> {
  return connectTemporalAt(inject('temporal'));
}

// The default backs off to minutes; a test that restarts its server would wait for them.
const CHANNEL_ARGS = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

/** The same to a server that the test started itself. */
export async function connectTemporalAt({
  address,
  namespace,
}: {
  readonly address: string;
  readonly namespace: string;
}): Promise<TestTemporal> {
  const connection = await Connection.connect({ address, channelArgs: CHANNEL_ARGS });
  closers.push(() => connection.close());
  const nativeConnection = await NativeConnection.connect({ address });
  closers.push(() => nativeConnection.close());
  return { client: new Client({ connection, namespace }), nativeConnection, address, namespace };
}

/** Runs `temporal <args>` against the run's server, with no profile of this machine in the way. */
export function temporalCli(args: readonly string[]): Promise<CommandOutcome> {
  const { address, namespace, program } = inject('temporal');
  return runCommand(program, args, {
    env: {
      PATH: process.env.PATH ?? '',
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      HOME: '/nonexistent',
    },
    timeoutMs: 45_000,
  });
}
