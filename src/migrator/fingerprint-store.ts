/**
 * Keeps the fingerprint that a run will have to come back to in the target database, `drydock.run_fingerprints`: a catalog
 * of a thousand objects does not belong in a workflow's history, and another worker must find it too.
 */
import type pg from 'pg';
import { ensureDrydockSchema } from '../postgres/drydock-schema.ts';
import type { CatalogObject, Fingerprint } from './fingerprint.ts';

const TABLE = 'drydock.run_fingerprints';

const CREATE = `
create table if not exists ${TABLE} (
  run_id text constraint run_fingerprints_pkey primary key,
  digest text not null,
  objects jsonb not null,
  taken_at timestamptz not null default now()
);
comment on table ${TABLE} is 'The schema as it was before a run changed it, kept until the run is over.';
comment on column ${TABLE}.run_id is 'The run in Temporal.';
comment on column ${TABLE}.digest is 'sha256 over the objects, in hex.';
comment on column ${TABLE}.objects is 'Kind, id and definition of every catalog object.';
comment on column ${TABLE}.taken_at is 'When it was taken.'`;

/** Stores the fingerprint of a run; the first one stays, so that a repeated attempt never stores a changed schema. */
export async function storeFingerprint(client: pg.ClientBase, runId: string, print: Fingerprint): Promise<Fingerprint> {
  await ensureDrydockSchema(client);
  await client.query(CREATE);
  await client.query(
    `insert into ${TABLE} (run_id, digest, objects) values ($1, $2, $3) on conflict (run_id) do nothing`,
    [runId, print.digest, JSON.stringify(print.objects)],
  );
  return (await readFingerprint(client, runId)) ?? print;
}

/** The stored fingerprint of a run; undefined where there is none. */
export async function readFingerprint(client: pg.ClientBase, runId: string): Promise<Fingerprint | undefined> {
  const { rows } = await client.query<{ digest: string; objects: CatalogObject[] }>(
    `select digest, objects from ${TABLE} where run_id = $1`,
    [runId],
  );
  return rows[0];
}

/** Forgets the fingerprint of a run that is over. */
export async function forgetFingerprint(client: pg.ClientBase, runId: string): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass($1) is not null as there`, [TABLE]);
  if (rows[0]?.there) await client.query(`delete from ${TABLE} where run_id = $1`, [runId]);
}
