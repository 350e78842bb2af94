/** What a run holds and pauses is let go of as it was approved, by a worker whose drydock.yaml is another one by then. */
import { afterAll, describe, expect, it } from 'vitest';
import { pauseRunConsumer, resumeRunConsumer } from '../../../src/activities/consumers.ts';
import type { ClaimedRef } from '../../../src/activities/contract.ts';
import { groundOf } from '../../../src/activities/dependencies.ts';
import { holdTraffic, releaseTraffic, requireHeld } from '../../../src/activities/traffic.ts';
import { takeLease } from '../../../src/drain/lease/lease.ts';
import { ensureGuard } from '../../../src/guard/start-guard.ts';
import { findTarget } from '../../../src/runbook/targets.ts';
import { processesGone } from '../../support/gone.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { SMALL_MIGRATIONS, SMALL_RUNBOOK } from '../../support/world.ts';
import { type Checkout, makeCheckout, problemOf } from '../../unit/runbook/checkout.ts';

const targets = (members: string): string => `version: 1
targets:
  harbour:
    environment: test
    url: { env: HARBOUR_URL }
${members}`;

const consumer = (name: string, resume: string): string => `    consumers:
      - name: ${name}
        kind: sql
        url: { env: JOBS_URL }
        pause: update control set paused = true
        resume: ${resume}
        status: select paused from control
`;

const APPROVED = consumer('jobs', 'update control set paused = false');

const OTHERS: readonly (readonly [what: string, members: string])[] = [
  ['without the consumer', ''],
  ['with the consumer renamed', consumer('workers', 'update control set paused = false')],
  ['with the consumer changed', consumer('jobs', 'select pg_sleep(0)')],
  ['with another drain', '    drain: { kind: read-only, endAfter: 1s }\n'],
];

const REF = {
  runbook: 'small',
  runbookDigest: '',
  target: 'harbour',
  workflowId: 'small/harbour',
  patience: 'give-up',
  token: '7',
} as const;

const checkouts: Checkout[] = [];
let serial = 0;
afterAll(async () => {
  for (const checkout of checkouts) await checkout.remove();
});

/** A worker, and a run that holds the lease of its database, with what was approved for it. */
async function setup(members: string) {
  const files = { 'runbooks/small.yaml': SMALL_RUNBOOK, ...SMALL_MIGRATIONS, 'drydock.yaml': targets(members) };
  const [checkout, database] = await Promise.all([makeCheckout(files), freshDatabase()]);
  checkouts.push(checkout);
  await database.query('create table control as select false as paused');
  const deps = {
    root: checkout.root,
    lookup: (name: string) => (name === 'HARBOUR_URL' || name === 'JOBS_URL' ? database.url : undefined),
    reportDirectory: 'reports',
    namespace: 'default',
    holderState: async () => 'unknown' as const,
  };
  serial += 1;
  // A run of its own: a guard is looked for by it.
  const owner = { ...REF, runId: `run-${serial}` };
  await takeLease(await database.connect(), { ...owner, namespace: 'default' }, 60_000);
  const { view } = await findTarget('harbour', checkout.root);
  const { drain, consumers } = view;
  const ref: ClaimedRef = { ...owner, approved: { drain, ...(consumers ? { consumers } : {}) } };
  const attempt = { signal: new AbortController().signal, progress: () => undefined };
  const secret = async () => database.url;
  return {
    database,
    ref,
    paused: () => database.query('select paused from control').then(([row]) => row?.paused),
    become: (other: string) => checkout.write('drydock.yaml', targets(other)),
    pause: () => pauseRunConsumer(deps, { ...ref, consumer: 'jobs' }, attempt),
    resume: (by = ref) => resumeRunConsumer(deps, { ...by, consumer: 'jobs' }, attempt),
    held: async () => requireHeld(deps, await groundOf(deps, ref), ref, attempt),
    hold: () => holdTraffic(deps, ref, attempt),
    release: () => releaseTraffic(deps, ref, attempt),
    /** The process id of the guard that watches meanwhile. */
    guard: () => ensureGuard({ target: view, url: database.url, secret, root: checkout.root, owner }),
  };
}

describe('a consumer that was approved', () => {
  it.each(OTHERS)('is looked at and resumed as it was paused by a worker %s', async (_what, other) => {
    const { pause, paused, become, held, resume } = await setup(APPROVED);
    await pause();
    await become(other);
    await held();
    expect(await resume()).toMatchObject({ summary: 'jobs is back: its status is false' });
    expect(await paused()).toBe(false);
  });

  it('is paused, and let go of by the guard, as it was approved, by a worker that never knew it', async () => {
    const { database, pause, paused, become, guard } = await setup(APPROVED);
    await become('');
    await pause();
    expect(await paused()).toBe(true);
    const watching = await guard();
    await database.query('update drydock.holds set expires_at = clock_timestamp()');
    await expect.poll(paused, { timeout: 20_000 }).toBe(false);
    await processesGone([watching]);
  });

  it('is not found again where a run of an older version has not said what was approved', async () => {
    const { ref, pause, become, resume } = await setup(APPROVED);
    await pause();
    await become('');
    const { approved: _, ...older } = ref;
    expect(await problemOf(resume(older))).toMatchObject({ code: 'consumer-unknown' });
    await resume();
  });
});

describe('a drain that was approved', () => {
  it('is proven and released as it was held by a worker whose target only observes', async () => {
    const { database, hold, held, release, become } = await setup('    drain: { kind: read-only, endAfter: 1s }\n');
    const settings = () =>
      database.query<{ setting: string }>(
        'select unnest(setconfig) as setting from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = $1',
        [database.name],
      );
    await hold();
    expect(await settings()).toEqual([{ setting: 'default_transaction_read_only=on' }]);
    await become('    drain: { kind: observe }\n');
    await held();
    await release();
    expect(await settings()).toEqual([]);
  });
});
