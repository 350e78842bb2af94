/** Gives a database of the stack the tables `core.users` and `core.organizations` that belong to someone else in real life. */
import pg from 'pg';
import { createCoreStub } from '../data/communication/core-stub.ts';

export async function makeCore(url: string, sample: 'with-rows' | 'empty'): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await createCoreStub(client, { sample });
  } finally {
    await client.end();
  }
}
