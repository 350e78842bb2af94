/** The two databases of the demo: one as an integration environment has it, and one whose core tables have no rows. */
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

export async function makeDatabases(postgres: PostgresServer): Promise<DemoDatabases> {
  const good = { target: 'demo', variable: 'DRYDOCK_DEMO_DATABASE_URL', url: await postgres.createDatabase('demo') };
  const withoutUsers = {
    target: 'demo-unseeded-core',
    variable: 'DRYDOCK_DEMO_EMPTY_DATABASE_URL',
    url: await postgres.createDatabase('demo_unseeded_core'),
  };
  await makeCore(good.url, 'with-rows');
  await makeCore(withoutUsers.url, 'empty');
  return { good, withoutUsers };
}
