import { afterAll, describe, expect, it } from 'vitest';
import { pauseRunConsumer, resumeRunConsumer } from '../../../src/activities/consumers.ts';
import { groundOf } from '../../../src/activities/dependencies.ts';
import { requireHeld } from '../../../src/activities/traffic.ts';
import { takeLease } from '../../../src/drain/lease/lease.ts';
import { ensureGuard } from '../../../src/guard/start-guard.ts';
import { findTarget } from '../../../src/runbook/targets.ts';
import { processesGone } from '../../support/gone.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { SMALL_MIGRATIONS, SMALL_RUNBOOK } from '../../support/world.ts';
import { type Checkout, makeCheckout, problemOf } from '../../unit/runbook/checkout.ts';

const TARGETS = `version: 1
targets:
  harbour:
    environment: test
    url: { env: HARBOUR_URL }
    consumers:
      - name: jobs
        kind: sql
        pause: update control set paused = true
        resume: update control set paused = false
        status: select paused from control
`;

const REF = {
  runbook: 'small',
  runbookDigest: '',
  target: 'harbour',
  workflowId: 'small/harbour',
  runId: 'run-1',
  patience: 'give-up',
  token: '7',
} as const;

const checkouts: Checkout[] = [];
afterAll(async () => {
  for (const checkout of checkouts) await checkout.remove();
});

/** A checkout with one consumer, and a run that holds the lease of its database. */
async function setup() {
  const files = { 'runbooks/small.yaml': SMALL_RUNBOOK, ...SMALL_MIGRATIONS, 'drydock.yaml': TARGETS };
  const [checkout, database] = await Promise.all([makeCheckout(files), freshDatabase()]);
  checkouts.push(checkout);
  await database.query('create table control as select false as paused');
  await takeLease(await database.connect(), { ...REF, namespace: 'default' }, 60_000);
  const deps = {
    root: checkout.root,
    lookup: (name: string) => (name === 'HARBOUR_URL' ? database.url : undefined),
    reportDirectory: 'reports',
    namespace: 'default',
    holderState: async () => 'unknown' as const,
  };
  const attempt = { signal: new AbortController().signal, progress: () => undefined };
  const paused = () => database.query('select paused from control').then(([row]) => row?.paused);
  /** The process id of the guard that watches meanwhile. */
  const guard = async () => {
    const { view: target } = await findTarget('harbour', checkout.root);
    const secret = async () => '';
    return ensureGuard({ target, url: database.url, secret, root: checkout.root, owner: REF });
  };
  return {
    paused,
    guard,
    /** Somebody else, while the run is at work. */
    become: (state: 'stopped' | 'running') => database.query(`update control set paused = ${state === 'stopped'}`),
    beforeStep: async () => requireHeld(deps, await groundOf(deps, REF), REF, attempt),
    pause: (consumer: string) => pauseRunConsumer(deps, { ...REF, consumer }, attempt),
    resume: (consumer: string) => resumeRunConsumer(deps, { ...REF, consumer }, attempt),
  };
}

describe('the activities that pause and resume a consumer', () => {
  it('note it in the target database, put back what was, and leave no guard behind', async () => {
    const { paused, pause, resume, guard } = await setup();
    expect(await pause('jobs')).toMatchObject({ summary: 'jobs has stopped: its status is true' });
    expect(await paused()).toBe(true);
    const watching = await guard();
    expect(await resume('jobs')).toMatchObject({ summary: 'jobs is back: its status is false' });
    expect(await paused()).toBe(false);
    expect(await resume('jobs')).toMatchObject({ summary: 'jobs was not paused by this run: nothing to resume' });
    await processesGone([watching]);
  });

  it('let no step begin for as long as somebody has started it again', async () => {
    const { pause, resume, become, beforeStep } = await setup();
    await beforeStep();
    await pause('jobs');
    await beforeStep();
    await become('running');
    expect(await problemOf(beforeStep())).toMatchObject({
      code: 'consumer-not-stopped',
      found: 'jobs says: its status is false',
      retry: 'retry',
    });
    await become('stopped');
    await beforeStep();
    await resume('jobs');
    await become('running');
    expect(await problemOf(beforeStep())).toMatchObject({ code: 'hold-lost', retry: 'stop' });
  });

  it('refuse a consumer that this worker does not know', async () => {
    const { pause } = await setup();
    expect(await problemOf(pause('mailer'))).toEqual({
      code: 'consumer-unknown',
      message: 'the target harbour has no consumer mailer here',
      found: 'jobs',
      next: 'give every worker of this task queue the same drydock.yaml, then start the run again',
      retry: 'stop',
    });
  });
});
