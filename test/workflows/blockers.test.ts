/** A run whose target names sessions that may be ended: what was done to whom stands in the step's evidence and the report. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { onCluster } from '../support/postgres.ts';
import { makeWorld } from '../support/world.ts';

const LOCKS = `locks:
      lockTimeout: 100ms
      cancelBlockers: [{ application: report-*, after: 200ms, action: terminate }]`;

it('ends a listed session that is in the way, and says so in its evidence', async () => {
  const world = await makeWorld({
    files: {
      'migrations/small/001_schema.up.sql': 'create schema app;\nalter table public.used add column more int;\n',
    },
    target: LOCKS,
  });
  const user = `app_${randomBytes(4).toString('hex')}`;
  await onCluster(`create role ${user} login password 'p'`);
  await world.database.query(`create table public.used (id int); grant select on public.used to ${user}`);
  const url = new URL(world.database.url);
  url.username = user;
  url.password = 'p';
  const blocker = await world.database.connect({ connectionString: url.href, application_name: 'report-daily' });
  await blocker.query('begin; select * from public.used');
  const run = await world.start();
  await run.approve();
  // Whoever approves the plan approves this, too.
  expect((await run.plan()).target.locks).toEqual({
    lockTimeoutMs: 100,
    cancelBlockers: [{ application: 'report-*', afterMs: 200, action: 'terminate', graceMs: 5_000 }],
  });
  const state = await run.ended();
  expect(state.outcome).toBe('done');
  await expect(blocker.query('select 1')).rejects.toThrow();
  const step = state.items.find(({ id }) => id === 'apply-001')!;
  const found = step.evidence?.find(({ name }) => name.startsWith('session ended'));
  expect(found).toEqual({
    name: expect.stringMatching(/^session ended, as the allow list says, after [\d.]+ m?s$/),
    value: expect.stringMatching(
      /^pid \d+ \(report-daily, user app_\w+, from 127\.0\.0\.1, idle in transaction, for [\d.]+ s\) holds AccessShareLock, we want AccessExclusiveLock on used$/,
    ),
  });
});
