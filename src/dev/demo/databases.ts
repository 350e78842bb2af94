/**
 * The two databases of the demo: one as an integration environment has it, and one whose core tables have no rows and which
 * has some of the migrations already, so that there is a schema to come back to.
 */
import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from '../../migrator/files.ts';
import { openMigrator } from '../../migrator/migrator.ts';
import { makeCore } from '../make-core.ts';
import type { PostgresServer } from '../postgres/start-postgres.ts';

/** Target of `drydock.yaml`, the variable it names, and the database behind it. */
export interface DemoDatabase {
  readonly target: string;
  readonly variable: string;
  readonly url: string;
}

export interface DemoDatabases {
  readonly good: DemoDatabase;
  readonly withoutUsers: DemoDatabase;
}

/** How many migrations the second database has before its run. */
export const APPLIED_BEFORE = 5;

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DIRECTORY = 'migrations/communication';

export async function makeDatabases(postgres: PostgresServer): Promise<DemoDatabases> {
  const good = { target: 'demo', variable: 'DRYDOCK_DEMO_DATABASE_URL', url: await postgres.createDatabase('demo') };
  const withoutUsers = {
    target: 'demo-unseeded-core',
    variable: 'DRYDOCK_DEMO_EMPTY_DATABASE_URL',
    url: await postgres.createDatabase('demo_unseeded_core'),
  };
  await makeCore(good.url, 'with-rows');
  await makeCore(withoutUsers.url, 'empty');
  await applyFirst(withoutUsers.url, APPLIED_BEFORE);
  return { good, withoutUsers };
}

/** As somebody would have done with the command line some sprints ago. */
async function applyFirst(url: string, count: number): Promise<void> {
  const files = await readMigrationFiles({ directory: DIRECTORY, root: ROOT });
  const migrator = openMigrator({
    url,
    root: ROOT,
    directory: DIRECTORY,
    schemas: ['communication'],
    ledgerSchema: 'communication',
    owner: { appliedBy: 'an earlier sprint', runId: null },
    claim: { kind: 'standalone' },
  });
  try {
    for (const { version, up } of files.slice(0, count)) await migrator.applyOne({ version, upChecksum: up.checksum });
  } finally {
    await migrator.close();
  }
}
