/**
 * Keeps the results of rehearsals in the target database, `drydock.rehearsals`: every worker that is going to apply those files
 * has to find them. The newest of each plan counts; older ones stay as a record.
 */
import type pg from 'pg';
import type { Rehearsal } from '../../model/rehearsal.ts';
import { ensureDrydockSchema } from '../../postgres/drydock-schema.ts';

const TABLE = 'drydock.rehearsals';

const CREATE = `
do $drydock$ begin
  if to_regclass('${TABLE}') is null then
    perform pg_advisory_xact_lock(hashtextextended('${TABLE}', 0));
    create table if not exists ${TABLE} (
      id text constraint rehearsals_pkey primary key,
      plan_digest text not null,
      verdict text not null,
      taken_at timestamptz not null,
      taken_by text not null,
      result jsonb not null
    );
    create index if not exists rehearsals_plan on ${TABLE} (plan_digest, taken_at desc);
    comment on table ${TABLE} is 'Rehearsals of migrations for this database: up, down and up again on a throw-away one.';
    comment on column ${TABLE}.id is 'Of the rehearsal.';
    comment on column ${TABLE}.plan_digest is 'sha256 over the applied and the pending migrations: what the rehearsal holds for.';
    comment on column ${TABLE}.verdict is 'mirrors, does-not-mirror or failed.';
    comment on column ${TABLE}.taken_at is 'When it was begun.';
    comment on column ${TABLE}.taken_by is 'Who asked for it.';
    comment on column ${TABLE}.result is 'The whole result; no SQL and no rows.';
  end if;
end $drydock$`;

/** Harmless to repeat. Errors: the driver's own, such as missing rights. */
export async function storeRehearsal(client: pg.ClientBase, rehearsal: Rehearsal): Promise<void> {
  await ensureDrydockSchema(client);
  await client.query(CREATE);
  await client.query(
    `insert into ${TABLE} (id, plan_digest, verdict, taken_at, taken_by, result) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do nothing`,
    [
      rehearsal.id,
      rehearsal.planDigest,
      rehearsal.verdict,
      rehearsal.takenAt,
      rehearsal.takenBy,
      JSON.stringify(rehearsal),
    ],
  );
}

/** The newest of exactly this plan; undefined where there is none, or nobody ever stored one. Creates nothing. */
export async function findRehearsal(client: pg.ClientBase, planDigest: string): Promise<Rehearsal | undefined> {
  return newest(client, 'plan_digest = $1', planDigest);
}

export interface RehearsedFiles {
  readonly version: string;
  /** sha256 hex. */
  readonly upChecksum: string;
  readonly downChecksum: string;
}

/** The newest good one of any plan with exactly this migration; otherwise as `findRehearsal`. */
export async function findRehearsalOf(
  client: pg.ClientBase,
  { version, upChecksum, downChecksum }: RehearsedFiles,
): Promise<Rehearsal | undefined> {
  const having = JSON.stringify({ migrations: [{ version, upChecksum, downChecksum }] });
  return newest(client, `verdict = 'mirrors' and result @> $1::jsonb`, having);
}

async function newest(client: pg.ClientBase, condition: string, value: string): Promise<Rehearsal | undefined> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [TABLE]);
  if (!rows[0]?.there) return undefined;
  const found = await client.query<{ result: Rehearsal }>(
    `select result from ${TABLE} where ${condition} order by taken_at desc limit 1`,
    [value],
  );
  return found.rows[0]?.result;
}
