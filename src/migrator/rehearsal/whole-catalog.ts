/** The fingerprint of everything in a database but PostgreSQL's and Drydock's own: a mirror may leave something in any schema. */
import type pg from 'pg';
import { type Fingerprint, fingerprint } from '../fingerprint.ts';

/** A query for their names, which also fits into the brackets of IN. */
export const ALL_SCHEMAS = `
  select nspname from pg_namespace
   where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'drydock')`;

/** The client must not be in a transaction. */
export async function wholeCatalog(client: pg.Client, ledgerSchema: string): Promise<Fingerprint> {
  const { rows } = await client.query<{ nspname: string }>(ALL_SCHEMAS);
  return fingerprint(client, { schemas: rows.map(({ nspname }) => nspname).sort(), ledgerSchema });
}
