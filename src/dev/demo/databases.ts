/** The two databases of the demo: one as an integration environment has it, and one whose core tables have no rows. */
import pg from 'pg';
import { createCoreStub } from '../../data/communication/core-stub.ts';
import type { PostgresSettings } from '../postgres/cluster.ts';
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

/** Archiving that really archives, so that the checklist has something real to look at. */
export const DEMO_SETTINGS: PostgresSettings = {
  wal_level: 'replica',
  archive_mode: 'on',
  // Runs in the data directory, and is removed with it.
  archive_command: 'mkdir -p drydock_archive && cp %p drydock_archive/%f',
};

export async function makeDatabases(postgres: PostgresServer): Promise<DemoDatabases> {
  const good = { target: 'demo', variable: 'DRYDOCK_DEMO_DATABASE_URL', url: await postgres.createDatabase('demo') };
  const withoutUsers = {
    target: 'demo-unseeded-core',
    variable: 'DRYDOCK_DEMO_EMPTY_DATABASE_URL',
    url: await postgres.createDatabase('demo_unseeded_core'),
  };
  await withClient(good.url, (client) => createCoreStub(client, { sample: 'with-rows' }));
  await withClient(withoutUsers.url, (client) => createCoreStub(client, { sample: 'empty' }));
  return { good, withoutUsers };
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
