/** A guard lets traffic go also where the database answers and its bookkeeping cannot be done: somebody frozen holds a lock, or the notes are gone. */
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pgbouncer } from '../../src/drain/pgbouncer/pgbouncer.ts';
import { secretsOf } from '../../src/guard/charge.ts';
import { watchHold } from '../../src/guard/watch-hold.ts';
import { poolerWorld } from '../postgres/drain/pooler-world.ts';
import { until } from '../postgres/migrator/world.ts';
import { WITHOUT_POOLER } from '../support/pooler.ts';

const LEASE_MS = 2_000;

const watching: Promise<void>[] = [];
afterAll(async () => void (await Promise.all(watching)));

/** A pooler that is held, with a guard that has seen it. */
async function setup() {
  const world = await poolerWorld({ drain: { leaseMs: LEASE_MS } });
  await world.take('1', LEASE_MS);
  await pgbouncer.hold(world.context());
  const { target, url, secret } = world.letGoContext;
  const charge = {
    target,
    url,
    owner: world.context().owner,
    secrets: await secretsOf(target, secret),
    logFile: path.join('/nonexistent', 'unused'),
  };
  const log: string[] = [];
  let watched: Promise<void> | undefined;
  await new Promise<void>((resolve) => {
    watched = watchHold(charge, { log: (line) => log.push(line), onWatching: resolve });
    watching.push(watched);
  });
  const over = () => watched;
  const other = await world.database.connect();
  return { world, log, over, other };
}

describe.skipIf(WITHOUT_POOLER)(`a guard${WITHOUT_POOLER ? ` (skipped: ${WITHOUT_POOLER})` : ''}`, () => {
  it('does not wait for a process that froze while it let go', async () => {
    const { world, over, other } = await setup();
    await other.query('select pg_advisory_lock($1, 2)', [0x44525943]);
    await until(async () => !(await world.isPaused()));
    await other.query('select pg_advisory_unlock_all()');
    await over();
    expect(await world.lease()).toMatchObject({ state: 'ended', letGoBy: 'guard' });
  });

  it('does not wait for a worker that froze while it renewed, and takes the lease from it when it goes on', async () => {
    const { world, over, other } = await setup();
    await other.query('begin');
    await other.query('select from drydock.holds for update');
    await until(async () => !(await world.isPaused()));
    // The worker goes on where it stopped: by its renewal alone it would take traffic for held.
    await other.query(`update drydock.holds set expires_at = clock_timestamp() + interval '1 min'`);
    await other.query('commit');
    await over();
    expect(await world.lease()).toMatchObject({ state: 'ended', letGoBy: 'guard' });
    expect(await world.noted()).toEqual([]);
  });

  it('lets go of what it has seen noted where the database has gone back to before the notes, as after a failover', async () => {
    const { world, over, other, log } = await setup();
    await other.query('truncate drydock.holds, drydock.held_things');
    await over();
    expect(await world.isPaused()).toBe(false);
    expect(log.at(-1)).toBe('nothing is left to guard: no hold is there');
  });
});
