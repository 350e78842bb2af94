/** Asks a Temporal server whether it serves a namespace. It decides what "ready" means and nothing about how a server came to be. */
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type Readiness = { readonly kind: 'ready' } | { readonly kind: 'not-ready'; readonly reason: string };

/** Looks again and again until the namespace is served, `giveUp` says why to stop, or the time is over. */
export async function waitUntilReady(
  address: string,
  namespace: string,
  limitMs: number,
  giveUp: () => string | undefined = () => undefined,
): Promise<Readiness> {
  const until = performance.now() + limitMs;
  let latest: Readiness = { kind: 'not-ready', reason: 'it was never asked' };
  while (performance.now() < until) {
    const stop = giveUp();
    if (stop !== undefined) return { kind: 'not-ready', reason: stop };
    // TCP first: the gRPC client backs off for seconds after a refused connection.
    latest = (await accepts(address)) ? await servesNamespace(address, namespace) : refused(address);
    if (latest.kind === 'ready') return latest;
    await sleep(50);
  }
  return latest;
}

async function servesNamespace(address: string, namespace: string): Promise<Readiness> {
  // Imported here: loading the SDK takes a quarter of a second, in which the server starts.
  const { Connection } = await import('@temporalio/client');
  try {
    const connection = await Connection.connect({ address, connectTimeout: '5s' });
    try {
      await connection.withDeadline(Date.now() + 5_000, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      return { kind: 'ready' };
    } finally {
      await connection.close();
    }
  } catch (error) {
    return { kind: 'not-ready', reason: (error as Error).message };
  }
}

function accepts(address: string): Promise<boolean> {
  const separator = address.lastIndexOf(':');
  const host = address.slice(0, separator).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(separator + 1));
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, timeout: 2_000 });
    const finish = (accepted: boolean) => () => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', finish(true));
    socket.once('timeout', finish(false));
    socket.once('error', finish(false));
  });
}

function refused(address: string): Readiness {
  return { kind: 'not-ready', reason: `nothing answers on ${address}` };
}
