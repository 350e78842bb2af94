/** A hold on a target of a checkout of its own, and the environment in which `release` is called for it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { pgbouncer } from '../../../src/drain/pgbouncer/pgbouncer.ts';
import { type PoolerWorld, type PoolerWorldOptions, poolerWorld } from './pooler-world.ts';

const roots: string[] = [];
afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

export interface ReleaseWorld {
  readonly world: PoolerWorld;
  readonly env: Readonly<Record<string, string>>;
}

/** The target is called `test`; Temporal is not there. */
export async function releaseWorld(options: PoolerWorldOptions = {}): Promise<ReleaseWorld> {
  const world = await poolerWorld({ drain: { queryWaitTimeout: 'lift' }, ...options });
  const root = await mkdtemp(path.join(tmpdir(), 'drydock-release-'));
  roots.push(root);
  const poolers = world.poolers.map(
    ({ name }, index) =>
      `        - { name: pooler-${index + 1}, admin: { env: POOLER_${index + 1} }, database: ${name} }\n`,
  );
  await writeFile(
    path.join(root, 'drydock.yaml'),
    `version: 1\ntargets:\n  test:\n    environment: test\n    url: { env: TEST_URL }\n    drain:\n      kind: pgbouncer\n      queryWaitTimeout: lift\n      poolers:\n${poolers.join('')}`,
  );
  const env = { TEST_URL: world.database.url, ...world.secrets, DRYDOCK_ROOT: root, TEMPORAL_ADDRESS: '127.0.0.1:1' };
  return { world, env };
}

export async function hold(world: PoolerWorld, leaseMs = 30_000): Promise<void> {
  await world.take('1', leaseMs);
  await pgbouncer.hold(world.context());
}
