/**
 * What a run that was abandoned may have left: its claim, held traffic, half-applied migrations, invalid indexes. Only a hold
 * whose lease is over fails: everything else is taken up or refused where it is in the way.
 */
import type pg from 'pg';
import type { ProblemInput } from '../../model/problem.ts';
import { count, fact } from '../outcome.ts';
import { type Look, look } from './look.ts';
import { literals } from './tables-in-question.ts';

interface IndexRow {
  readonly name: string;
  /** Of the session that builds it; null where none does, or this role may not see it. */
  readonly builder: number | null;
}

export const invalidIndexLook = look<IndexRow>({
  name: 'invalid indexes',
  sql: ({ schemas }) => `
    select n.nspname || '.' || c.relname as name,
           (select p.pid from pg_stat_progress_create_index p where p.index_relid = c.oid limit 1) as builder
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where not i.indisvalid and c.relkind = 'i' and n.nspname = any (${literals(schemas)}) order by 1`,
  judge: (rows) => ({ evidence: [fact('invalid indexes', rows.map(indexWords).join('\n') || 'none')] }),
});

function indexWords({ name, builder }: IndexRow): string {
  return builder === null
    ? `${name}: a build was cut off; a pending migration that makes it makes it anew, else DROP INDEX CONCURRENTLY ${name}`
    : `${name}: pid ${builder} is building it`;
}

type Sight = 'absent' | 'hidden' | 'readable';

/** Which tables of ours are there and may be read; the next looks depend on it. */
export interface OwnTables {
  readonly claims: Sight;
  readonly holds: Sight;
  readonly ledger: Sight;
}

const SIGHT = (schema: string, table: string): string => `
  coalesce((select case when has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')
                        then 'readable' else 'hidden' end
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = ${schema} and c.relname = '${table}' and c.relkind = 'r'), 'absent')`;

export async function readOwnTables(client: pg.Client, ledgerSchema: string): Promise<OwnTables> {
  const { rows } = await client.query<OwnTables>(
    `select ${SIGHT(`'drydock'`, 'claims')} as claims, ${SIGHT(`'drydock'`, 'holds')} as holds,
            ${SIGHT('$1', 'schema_migrations')} as ledger`,
    [ledgerSchema],
  );
  return rows[0]!;
}

/** One for each of them. */
export function leftoverLooks({ claims, holds, ledger }: OwnTables): readonly Look[] {
  return [inSight(claims, claimLook), inSight(holds, holdLook), inSight(ledger, unfinishedLook)];
}

function inSight(sight: Sight, one: Look): Look {
  if (sight === 'readable') return one;
  const value = sight === 'absent' ? 'none' : 'not visible to this role';
  return { name: one.name, sql: () => 'select', judge: () => ({ evidence: [fact(one.name, value)] }) };
}

// Rows as JSON: a version of Drydock that keeps more or less there is read all the same.
interface JsonRow {
  readonly row: Readonly<Record<string, string | number | boolean | null>>;
  readonly isOver: boolean;
}

/** Named, not judged: whether a claim stands in the way is decided where it is taken. */
const claimLook = look<JsonRow>({
  name: 'claim',
  sql: () => `
    select jsonb_set(to_jsonb(c), '{claimed_at}', to_jsonb(
             to_char(c.claimed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) as row, false as "isOver"
      from drydock.claims c`,
  judge: ([claim]) => {
    if (claim === undefined) return { evidence: [fact('claim', 'none')] };
    const { operation, workflow_id, claimed_at } = claim.row;
    return { evidence: [fact('claim', `${operation} ${workflow_id}, since ${claimed_at}`)] };
  },
});

const holdLook = look<JsonRow>({
  name: 'hold',
  sql: () => `
    select to_jsonb(h) as row, h.expires_at < clock_timestamp() as "isOver" from drydock.holds h where h.ended_at is null`,
  judge: ([hold]) => {
    if (hold === undefined) return { evidence: [fact('hold', 'none')] };
    const words = `${hold.row.workflow_id}, lease ${hold.isOver ? 'over since' : 'until'} ${hold.row.expires_at}`;
    return { evidence: [fact('hold', words)], problems: hold.isOver ? [leftBehind(words)] : [] };
  },
});

function leftBehind(found: string): ProblemInput {
  return {
    code: 'hold-left-behind',
    message: 'a run that is gone has left traffic or consumers held',
    found,
    expected: 'no hold whose lease is over',
    next: 'run `release` for this target, and retry this item',
  };
}

const unfinishedLook = look<JsonRow>({
  name: 'unfinished migrations',
  sql: ({ ledgerSchema }) => `
    select to_jsonb(l) as row, false as "isOver" from ${quoted(ledgerSchema)}.schema_migrations l
     where to_jsonb(l) -> 'finished_at' = 'null'::jsonb order by l.version`,
  judge: (rows) => {
    const lines = rows.map(
      ({ row }) => `${row.version} ${row.name}: ${row.parts_done} of ${count(Number(row.parts_total), 'part')} done`,
    );
    return { evidence: [fact('unfinished migrations', lines.join('\n') || 'none')] };
  },
});

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
