/** What a starting worker finds held by runs that are over, and what it leaves alone. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { HolderState } from '../../../src/client/holder-state.ts';
import { pgbouncer } from '../../../src/drain/pgbouncer/pgbouncer.ts';
import { findOwnerlessHolds } from '../../../src/worker/find-ownerless-holds.ts';
import { WITHOUT_POOLER } from '../../support/pooler.ts';
import { poolerWorld } from './pooler-world.ts';

const roots: string[] = [];
afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

const RUN_OUT = `update drydock.holds set expires_at = clock_timestamp() - interval '1 min'`;

/** One target that is held, one whose database does not answer, one whose URL is not known here. */
async function setup() {
  const world = await poolerWorld();
  const root = await mkdtemp(path.join(tmpdir(), 'drydock-search-'));
  roots.push(root);
  const drain = `drain: { kind: pgbouncer, poolers: [{ name: pooler-1, admin: { env: POOLER_1 }, database: ${world.poolers[0]!.name} }] }`;
  await writeFile(
    path.join(root, 'drydock.yaml'),
    `version: 1\ntargets:\n  gone: { environment: test, url: { env: GONE_URL } }\n  unknown: { environment: test, url: { env: UNKNOWN_URL } }\n  test:\n    environment: test\n    url: { env: TEST_URL }\n    ${drain}\n`,
  );
  const variables: Record<string, string> = {
    GONE_URL: 'postgres://nobody@127.0.0.1:1/gone',
    TEST_URL: world.database.url,
    ...world.secrets,
  };
  const log: string[] = [];
  const search = (state: HolderState) =>
    findOwnerlessHolds({
      root,
      lookup: (name) => variables[name],
      holderState: async () => state,
      log: (level, text) => log.push(`${level} ${text}`),
      stop: new AbortController().signal,
    });
  await world.take();
  await pgbouncer.hold(world.context());
  return { world, search, log };
}

const UNREACHABLE =
  'warn the holds of gone could not be looked at: database-unreachable: no PostgreSQL server answers at this address';

describe.skipIf(WITHOUT_POOLER)(`a worker that starts${WITHOUT_POOLER ? ` (skipped: ${WITHOUT_POOLER})` : ''}`, () => {
  it.each(['closed', 'unknown'] as const)(
    'lets go of a hold whose lease ran out and whose run is %s',
    async (state) => {
      const { world, search, log } = await setup();
      await world.database.query(RUN_OUT);
      await search(state);
      expect(log).toEqual([
        UNREACHABLE,
        'warn harbour/test (run run-1) still holds test, and nobody renews it: letting go',
        `info test: pooler-1: ${world.poolers[0]!.name} resumed`,
        'info test is free',
      ]);
      expect([await world.isPaused(), (await world.lease())?.letGoBy]).toEqual([false, 'worker']);
    },
  );

  it('leaves one alone whose lease runs, or whose run is open', async () => {
    const { world, search, log } = await setup();
    await search('closed');
    await world.database.query(RUN_OUT);
    await search('running');
    expect(log).toEqual([UNREACHABLE, UNREACHABLE]);
    expect([await world.isPaused(), (await world.lease())?.state]).toEqual([true, 'held']);
    await pgbouncer.release(world.context());
  });
});
