/** The life of one worker process: connect, create, poll, and hand over what it has in hand when it is told to stop. */
import { Client } from '@temporalio/client';
import { createActivities } from '../activities/index.ts';
import { holderState } from '../client/holder-state.ts';
import { workflowBundle } from './bundle.ts';
import { connectWorker } from './connect.ts';
import { createWorker, installLogger, type WorkerLog } from './create-worker.ts';
import { watchForOwnerlessHolds } from './find-ownerless-holds.ts';

export interface RunWorkerOptions {
  /** The checkout that holds runbooks, migrations and drydock.yaml. */
  readonly root: string;
  readonly taskQueue: string;
  readonly reportDirectory: string;
  /** All variables of the process: for the Temporal profile, and to look up a target's secret. */
  readonly variables: Record<string, string>;
  readonly log: WorkerLog;
  /** Aborted: stop polling, give the steps under way to others, end. */
  readonly stop: AbortSignal;
}

/** Runs until stopped. Errors: `temporal-unreachable`; anything that ends the worker by itself. */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  const { root, taskQueue, reportDirectory, variables, log, stop } = options;
  installLogger('WARN', log);
  const [{ connection, namespace, address }, bundle] = await Promise.all([connectWorker(variables), workflowBundle()]);
  try {
    const client = new Client({ connection, namespace });
    const lookup = (name: string): string | undefined => variables[name] || undefined;
    const stateOf = (run: Parameters<typeof holderState>[1]) => holderState(client, run);
    const activities = createActivities({ root, reportDirectory, lookup, namespace, holderState: stateOf });
    const worker = await createWorker({ connection, namespace, taskQueue, bundle, activities });
    stop.addEventListener('abort', () => worker.shutdown(), { once: true });
    log('info', `worker ready: task queue ${taskQueue}, namespace ${namespace} on ${address}`);
    if (stop.aborted) return;
    const search = watchForOwnerlessHolds({ root, lookup, holderState: stateOf, log, stop });
    await worker.run();
    await search;
    log('info', 'worker stopped: its steps were handed over');
  } finally {
    await connection.close();
  }
}
