/**
 * The journal of seeded rows, `drydock.seed_journal` in the target database: which seed inserted which row, in which run.
 * It is written in the transaction that inserts the rows, and decides nothing about them.
 */
import type pg from 'pg';
import { ensureDrydockSchema } from '../postgres/drydock-schema.ts';
import { quoteTable } from './quote-table.ts';
import type { Seed } from './seed.ts';

const JOURNAL = 'drydock.seed_journal';

const CREATE = `
DO $$
BEGIN
  IF to_regclass('${JOURNAL}') IS NULL THEN
    CREATE TABLE ${JOURNAL} (
      seed text NOT NULL,
      table_name text NOT NULL,
      row_key jsonb NOT NULL,
      run_id text,
      inserted_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT seed_journal_pkey PRIMARY KEY (seed, table_name, row_key)
    );
    COMMENT ON TABLE ${JOURNAL} IS 'The rows that seeds inserted and that an undo of the seed deletes.';
    COMMENT ON COLUMN ${JOURNAL}.seed IS 'Name of the seed: channels.';
    COMMENT ON COLUMN ${JOURNAL}.table_name IS 'The table it wrote, with its schema.';
    COMMENT ON COLUMN ${JOURNAL}.row_key IS 'Primary key of the row, as {"id": …}.';
    COMMENT ON COLUMN ${JOURNAL}.run_id IS 'The run that inserted it; null where the seed was applied by itself.';
    COMMENT ON COLUMN ${JOURNAL}.inserted_at IS 'When the row was inserted.';
  END IF;
END
$$`;

/** Seeds wait for each other, so that the journal is made once and its rows and theirs agree. Held to the end of the transaction. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('${JOURNAL}', 0))`;

/** Locks the journal for this transaction and makes it where it is not there yet. */
export async function ensureJournal(client: pg.ClientBase): Promise<void> {
  await client.query(LOCK);
  await ensureDrydockSchema(client);
  await client.query(CREATE);
}

/** Whether there is a journal; also locks it for this transaction. */
export async function journalExists(client: pg.ClientBase): Promise<boolean> {
  await client.query(LOCK);
  const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass('${JOURNAL}') IS NOT NULL AS there`);
  return rows[0]!.there;
}

/** Removes entries whose row is gone, for instance because its table was dropped and made again. */
export async function forgetVanished(client: pg.ClientBase, seed: Seed): Promise<void> {
  await client.query(
    `DELETE FROM ${JOURNAL} AS entry
      WHERE entry.seed = $1 AND entry.table_name = $2
        AND NOT EXISTS (SELECT FROM ${quoteTable(seed.table)} AS kept WHERE kept.id = (entry.row_key ->> 'id')::uuid)`,
    [seed.name, seed.table],
  );
}

/** Enters the rows with these ids as inserted by this run. */
export async function journalInsert(
  client: pg.ClientBase,
  entry: { readonly seed: Seed; readonly ids: readonly string[]; readonly runId: string | null },
): Promise<void> {
  await client.query(
    `INSERT INTO ${JOURNAL} (seed, table_name, row_key, run_id)
     SELECT $1, $2, jsonb_build_object('id', id), $4 FROM unnest($3::uuid[]) AS id`,
    [entry.seed.name, entry.seed.table, entry.ids, entry.runId],
  );
}

/** Removes the entries of this seed (of one run, or with null of all) and returns the ids that they held. */
export async function takeFromJournal(
  client: pg.ClientBase,
  { seed, runId }: { readonly seed: Seed; readonly runId: string | null },
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `DELETE FROM ${JOURNAL}
      WHERE seed = $1 AND table_name = $2 AND ($3::text IS NULL OR run_id = $3)
  RETURNING row_key ->> 'id' AS id`,
    [seed.name, seed.table, runId],
  );
  return rows.map(({ id }) => id);
}
