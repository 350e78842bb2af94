/**
 * The migrator on PostgreSQL images as others run them, by testcontainers. Only where a Docker engine answers; elsewhere each
 * test is skipped with that reason.
 */
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { afterAll, describe, expect, it } from 'vitest';
import { createCoreStub } from '../../src/data/communication/core-stub.ts';
import { openMigrator } from '../../src/migrator/migrator.ts';
import { databaseAt } from '../support/postgres.ts';
import { ROOT } from '../support/processes.ts';

const noEngine = await getContainerRuntimeClient().then(
  () => undefined,
  (error: unknown) => `no Docker engine answers here: ${error instanceof Error ? error.message : String(error)}`,
);

const stops: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

async function startImage(image: string): Promise<string> {
  const container = await new GenericContainer(image)
    .withEnvironment({ POSTGRES_PASSWORD: 'postgres' })
    .withExposedPorts(5432)
    // The image starts the server once to set it up, and then for good.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
    .start();
  stops.push(() => container.stop());
  return `postgres://postgres:postgres@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
}

describe('the communication migrations', () => {
  it.for(['postgres:14-alpine', 'postgres:18-alpine'])('go up and down on %s', async (image, { skip }) => {
    skip(noEngine !== undefined, noEngine);
    const url = await startImage(image);
    const client = await databaseAt(url).connect();
    await createCoreStub(client, { sample: 'empty' });
    const migrator = openMigrator({
      url,
      root: ROOT,
      directory: 'migrations/communication',
      schemas: ['communication'],
      ledgerSchema: 'communication',
      owner: { appliedBy: 'test', runId: null },
      claim: { kind: 'standalone' },
    });
    const before = await migrator.fingerprint();
    expect(await migrator.migrate()).toHaveLength(9);
    for (let left = 9; left > 0; left -= 1) await migrator.rollback();
    expect((await migrator.fingerprint()).digest).toBe(before.digest);
    await migrator.close();
  });
});
