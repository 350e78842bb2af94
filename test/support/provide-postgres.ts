/** How a cluster for tests is set up, and what its test files are told of it; the same for every major. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import type { PostgresServer, PostgresSettings } from '../../src/dev/postgres/start-postgres.ts';
import './provided.ts';

const CORE_STUB = fileURLToPath(new URL('../../src/data/communication/core-stub.sql', import.meta.url));
const CORE_TEMPLATE = 'template_core';

export const TEST_SETTINGS: PostgresSettings = {
  // Throwaway data: nothing here has to outlive a power cut.
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  // Test files keep the sessions of all their tests to their end, and several files run at once.
  max_connections: 500,
  wal_level: 'logical',
  max_prepared_transactions: 4,
};

export async function providePostgres(project: TestProject, postgres: PostgresServer): Promise<void> {
  project.provide('postgres', {
    superuserUrl: postgres.superuserUrl,
    binaries: postgres.binaries,
    dataDir: postgres.dataDir,
    coreTemplate: await makeCoreTemplate(postgres.createDatabase),
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
