/** The length of a window against how long a real pooler lets clients wait: refused in the plan, or said there, before anybody is asked. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keepOnTarget } from '../../src/migrator/rehearsal/keep-rehearsal.ts';
import type { Rehearsal, RehearsedPass } from '../../src/model/rehearsal.ts';
import { planText } from '../../src/report/plan-text.ts';
import { startPooler, WITHOUT_POOLER } from '../support/pooler.ts';
import { freshDatabase } from '../support/postgres.ts';
import { rehearseSmall } from '../support/rehearse-small.ts';
import { makeWorld, SMALL_RUNBOOK, type World } from '../support/world.ts';

const ITEM =
  '  - { id: rehearsed, title: The migrations were rehearsed, check: rehearsal, maxAge: 1h, waivable: true }\n';

/** Clients may wait two seconds, of which the quiet takes 300 ms. */
async function setup(): Promise<World> {
  const database = await freshDatabase();
  const pooler = await startPooler({
    url: database.url,
    settings: 'pool_mode = transaction\nquery_wait_timeout = 2',
  });
  return makeWorld({
    files: { 'runbooks/small.yaml': SMALL_RUNBOOK.replace('window:', `${ITEM}window:`) },
    target: `window: { drain: 300ms, drainTimeout: 10s }\ndrain: { kind: pgbouncer, poolers: [{ name: edge, admin: { env: POOLER_ADMIN_URL }, database: ${pooler.name} }] }`,
    servers: { database },
    secrets: { POOLER_ADMIN_URL: pooler.adminUrl },
  });
}

/** As if each of its three migrations had taken so long. */
async function keep({ database }: World, result: Rehearsal, { upMs, downMs, ...more }: Took): Promise<void> {
  const took = (pass: RehearsedPass | null, durationMs: number) => pass && { ...pass, durationMs };
  const migrations = result.migrations.map((one) => ({
    ...one,
    up: took(one.up, upMs),
    down: took(one.down, downMs),
  }));
  const takenAt = new Date().toISOString();
  expect(await keepOnTarget(database.url, { ...result, takenAt, ...more, migrations, id: randomUUID() })).toBeNull();
}

type Took = { readonly upMs: number; readonly downMs: number } & Partial<Pick<Rehearsal, 'takenAt' | 'verdict'>>;

const lineOf = (text: string) => text.split('\n').find((line) => line.includes('clients may wait'));

/** The plan that is asked about, and the end of its run. */
async function planned(world: World) {
  const run = await world.start();
  const { waiting } = await run.until('a question', (state) => state.waiting !== null);
  if (waiting?.kind === 'decision')
    await run.send('decide', { by: 'kim', item: 'rehearsed', action: 'waive', reason: 'a test' });
  await run.until('the approval', (state) => state.waiting?.kind === 'approval');
  return { run, plan: await run.plan() };
}

describe.skipIf(WITHOUT_POOLER)(`a window at a pooler${WITHOUT_POOLER ? ` (${WITHOUT_POOLER})` : ''}`, () => {
  it('of work that nobody rehearsed is planned, and the plan says what is not known', async () => {
    const world = await setup();
    const { run, plan } = await planned(world);
    await run.send('reject', { by: 'kim', reason: 'only a look' });
    await run.ended();
    expect(plan.clientWait).toEqual({ pooler: 'edge', setting: 'query_wait_timeout', limitMs: 2_000, workMs: null });
    expect(lineOf(planText(plan))).toBe(
      '  clients may wait 2 s at edge (query_wait_timeout), 1.7 s more than the quiet takes; how long the steps take is not known: no rehearsal of them is kept',
    );
    // One that did not mirror, and one that is too old for the checklist, say nothing either.
    const result = await rehearseSmall(world);
    const anHourAgo = new Date(Date.now() - 3_700_000).toISOString();
    for (const more of [{ takenAt: anHourAgo }, { verdict: 'does-not-mirror' as const }]) {
      await keep(world, result, { upMs: 60_000, downMs: 1, ...more });
      const again = await planned(world);
      await again.run.send('reject', { by: 'kim', reason: 'only a look' });
      await again.run.ended();
      expect(again.plan.clientWait?.workMs).toBeNull();
      expect(again.plan.digest).toBe(plan.digest);
    }
  });

  it('that is too long with the work as it was rehearsed is refused before anybody is asked', async () => {
    const world = await setup();
    await keep(world, await rehearseSmall(world), { upMs: 600, downMs: 1 });
    const run = await world.start();
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'failed', approval: null });
    expect(state.problem).toEqual({
      code: 'window-not-holdable',
      message: 'clients would meet errors: the window is longer than they may wait at edge',
      found: [
        'a window of 2.1 s: 300 ms of quiet and about 1.8 s of work, as rehearsed without rows',
        'edge drops clients that wait for 2 s (query_wait_timeout)',
      ].join('\n'),
      expected: 'a window that is over within 2 s, with what the steps take',
      next: `shorten window.drain of ${world.target} in drydock.yaml, or set drain.queryWaitTimeout: lift, which lifts these limits while traffic is held and puts them back`,
      retry: 'stop',
    });
    expect(await world.database.query(`select from pg_namespace where nspname = 'app'`)).toEqual([]);
  });

  it('that fits is planned with what is left, and what goes back is judged by how long the way down took', async () => {
    const world = await setup();
    await keep(world, await rehearseSmall(world), { upMs: 100, downMs: 2_500 });
    const { run, plan } = await planned(world);
    expect(lineOf(planText(plan))).toBe(
      '  clients may wait 2 s at edge (query_wait_timeout), 1.4 s more than the quiet and about 300 ms of work, as rehearsed without rows',
    );
    await run.approve();
    expect((await run.ended()).outcome).toBe('done');
    const back = await (await world.start('rollback')).ended();
    expect(back.problem).toMatchObject({
      code: 'window-not-holdable',
      found: [
        'a window of 2.8 s: 300 ms of quiet and about 2.5 s of work, as rehearsed without rows',
        'edge drops clients that wait for 2 s (query_wait_timeout)',
      ].join('\n'),
      next: 'set drain.queryWaitTimeout: lift, which lifts these limits while traffic is held and puts them back',
    });
    const anew = await (await world.start('reset')).ended();
    expect(anew.problem?.found).toMatch(/^a window of 8\.1 s: 300 ms of quiet and about 7\.8 s of work, /);
  });
});
