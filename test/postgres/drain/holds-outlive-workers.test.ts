/** A hold that is kept for a person ends when its time is over, also where its guard was lost with its machine: any worker sees to it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { extendLease } from '../../../src/drain/lease/lease.ts';
import { pgbouncer } from '../../../src/drain/pgbouncer/pgbouncer.ts';
import { watchForOwnerlessHolds } from '../../../src/worker/find-ownerless-holds.ts';
import { WITHOUT_POOLER } from '../../support/pooler.ts';
import { poolerWorld } from './pooler-world.ts';

const roots: string[] = [];
afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

const TARGETS = (database: string): string => `version: 1
targets:
  gone: { environment: test, url: { env: GONE_URL } }
  test:
    environment: test
    url: { env: TEST_URL }
    drain: { kind: pgbouncer, poolers: [{ name: pooler-1, admin: { env: POOLER_1 }, database: ${database} }] }
`;

/** A worker that has started while the hold was still kept, and goes on looking. */
async function setup() {
  const world = await poolerWorld();
  const root = await mkdtemp(path.join(tmpdir(), 'drydock-search-'));
  roots.push(root);
  await writeFile(path.join(root, 'drydock.yaml'), TARGETS(world.poolers[0]!.name));
  const variables: Record<string, string> = {
    GONE_URL: 'postgres://nobody@127.0.0.1:1/gone',
    TEST_URL: world.database.url,
    ...world.secrets,
  };
  await world.take();
  await pgbouncer.hold(world.context());
  await extendLease(await world.database.connect(), world.context().owner, 2_000);
  const stop = new AbortController();
  const log: string[] = [];
  const search = watchForOwnerlessHolds(
    {
      root,
      lookup: (name) => variables[name],
      holderState: async () => 'closed',
      log: (level, text) => log.push(`${level} ${text}`),
      stop: stop.signal,
    },
    200,
  );
  return { world, log, stop, search };
}

describe.skipIf(WITHOUT_POOLER)(`a worker${WITHOUT_POOLER ? ` (skipped: ${WITHOUT_POOLER})` : ''}`, () => {
  it('goes on looking after its start, says what it cannot reach once, and ends when it is stopped', async () => {
    const { world, log, stop, search } = await setup();
    expect(await world.isPaused()).toBe(true);
    await expect.poll(() => world.isPaused(), { timeout: 15_000 }).toBe(false);
    await expect.poll(async () => (await world.lease())?.state, { timeout: 15_000 }).toBe('ended');
    stop.abort();
    await search;
    expect(log).toEqual([
      'warn the holds of gone could not be looked at: database-unreachable: no PostgreSQL server answers at this address',
      'warn harbour/test (run run-1) still holds test, and nobody renews it: letting go',
      `info test: pooler-1: ${world.poolers[0]!.name} resumed`,
      'info test is free',
    ]);
  });
});
