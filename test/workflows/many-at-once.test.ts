/** A worker has room for the steps of runs also where many others hold traffic: each of those takes an activity for its whole window. */
import { afterAll, describe, expect, it } from 'vitest';
import { type Attempt, alive } from '../../src/activities/alive.ts';
import { createActivities } from '../../src/activities/index.ts';
import { WORKFLOW_TYPES } from '../../src/model/ids.ts';
import { workflowBundle } from '../../src/worker/bundle.ts';
import { createWorker, installLogger } from '../../src/worker/create-worker.ts';
import { connectTemporal } from '../support/temporal.ts';

const MANY = 70;

// Attempts that are taken away at the end are no news.
installLogger('ERROR', (level, text) => process.stderr.write(`${level} ${text}\n`));

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  // The worker first: attempts of runs that are gone already would be worth a warning each.
  for (const cleanup of cleanups) await cleanup();
});

/** A worker whose first activity of a run takes as long as a hold does; gives how many are in it. */
async function setup() {
  const { client, nativeConnection: connection, namespace } = await connectTemporal();
  const taskQueue = `many-${process.pid}`;
  let inside = 0;
  const stays = alive((_input: unknown, { signal }: Attempt) => {
    inside += 1;
    return new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('ended')), { once: true }),
    );
  });
  const deps = { root: '/nonexistent', namespace, reportDirectory: 'reports', lookup: () => undefined };
  const activities = { ...createActivities({ ...deps, holderState: async () => 'unknown' }), makePlan: stays };
  const bundle = await workflowBundle();
  const worker = await createWorker({ connection, namespace, taskQueue, bundle, activities, shutdownForceMs: 1_000 });
  const running = worker.run();
  cleanups.push(async () => {
    worker.shutdown();
    await running;
  });
  const start = async (target: string): Promise<void> => {
    const workflowId = `small/${target}`;
    const args = [{ runbook: 'small', target, requestedBy: 'test' }];
    const run = await client.workflow.start(WORKFLOW_TYPES.run, { workflowId, taskQueue, args });
    cleanups.push(async () => void (await run.terminate('the test is over')));
  };
  return { start, inside: () => inside };
}

describe('a worker', () => {
  it(`has ${MANY} activities at work at once`, async () => {
    const { start, inside } = await setup();
    await Promise.all(Array.from({ length: MANY }, (_, index) => start(`many-${process.pid}-${index}`)));
    await expect.poll(inside, { timeout: 60_000 }).toBeGreaterThanOrEqual(MANY);
  });
});
