/**
 * Starts the servers that all test files share: one PostgreSQL cluster and one Temporal server, always and before the first
 * test. Whatever the surroundings name (TEMPORAL_ADDRESS, a namespace) is not used: tests never touch a server of someone else.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { readEnvironment } from '../../src/cli/environment.ts';
import { describeProgress, type StackEvent } from '../../src/dev/progress.ts';
import { startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { type Stack, startStack } from '../../src/dev/start-stack.ts';
import './provided.ts';

const CORE_STUB = fileURLToPath(new URL('../../src/data/communication/core-stub.sql', import.meta.url));
const CORE_TEMPLATE = 'template_core';

const SETTINGS = {
  // Throwaway data: nothing here has to outlive a power cut.
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: 200,
  wal_level: 'logical',
  max_prepared_transactions: 4,
};

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const surroundings = readEnvironment();
  const environment = readEnvironment(
    surroundings.forChild({ TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined }),
  );
  const reaper = startReaper();
  const stack = await startStack({
    reaper,
    environment,
    onProgress: say,
    postgres: { settings: SETTINGS },
    temporal: { ui: 'none' },
  });
  await provide(project, stack);
  return async () => {
    await stack.stop();
    await reaper.close();
  };
}

async function provide(project: TestProject, { postgres, temporal }: Stack): Promise<void> {
  project.provide('postgres', {
    superuserUrl: postgres.superuserUrl,
    binDir: postgres.binaries.binDir,
    dataDir: postgres.dataDir,
    coreTemplate: await makeCoreTemplate(postgres.createDatabase),
  });
  project.provide('temporal', {
    address: temporal.address,
    namespace: temporal.namespace,
    program: temporal.program!,
  });
}

async function makeCoreTemplate(createDatabase: (name: string) => Promise<string>): Promise<string | undefined> {
  if (!existsSync(CORE_STUB)) return undefined;
  const client = new pg.Client({ connectionString: await createDatabase(CORE_TEMPLATE) });
  await client.connect();
  try {
    await client.query(readFileSync(CORE_STUB, 'utf8'));
  } finally {
    await client.end();
  }
  return CORE_TEMPLATE;
}

/** Only what takes long: a start-up of two seconds says nothing. */
function say(event: StackEvent): void {
  const quiet = ['postgres-initialising', 'postgres-ready', 'temporal-found', 'temporal-ready'];
  if (!quiet.includes(event.kind)) process.stderr.write(`${describeProgress(event)}\n`);
}
