/**
 * One look at who is at work on a set of tables: sessions that hold writing locks or old transactions there, and how often
 * rows were written so far. Sessions are named, never what they run.
 */
import type pg from 'pg';
import { BACKEND_COLUMNS, type BackendInfo, describeBackend } from '../postgres/backend.ts';
import { OWN_APPLICATION } from './session.ts';

export interface QuietScope {
  /** All tables in these schemas, and the tables that their foreign keys name. */
  readonly schemas: readonly string[];
  /** More tables as `schema.name`: those that foreign keys will name once the migrations are applied. */
  readonly alsoTables: readonly string[];
  /** A reader's transaction of this age counts: it would block what needs a table for itself. Default 10 s. */
  readonly longTransactionMs?: number;
}

/** A session, or a prepared transaction, that is not ours. */
export interface Offender extends BackendInfo {
  /** `RowExclusiveLock on core.users`, several separated by commas. */
  readonly holds: string;
  readonly why: 'writes' | 'long transaction' | 'prepared transaction';
}

export interface QuietSample {
  /** Rows inserted, updated and deleted since the statistics began, by `schema.name`. */
  readonly writes: ReadonlyMap<string, number>;
  readonly offenders: readonly Offender[];
  /** Sessions of other users whose age this role may not see. */
  readonly hidden: number;
}

export const LONG_TRANSACTION_MS = 10_000;

const TABLES = `
  with owned as (
    select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1) and c.relkind in ('r', 'p', 'm')
  )
  select oid from owned
  union select confrelid from pg_constraint where contype = 'f' and conrelid in (select oid from owned)
  union select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname || '.' || c.relname = any ($2)`;

// SHARE UPDATE EXCLUSIVE is autovacuum's own lock too; a worker of it gives way by itself to what needs the table.
const WRITING_MODES = `('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock',
  'ExclusiveLock', 'AccessExclusiveLock')`;

const OFFENDERS = `
  with watched as (${TABLES}), held as (
    select l.pid, l.virtualtransaction, bool_or(l.mode in ${WRITING_MODES}) as writes,
           string_agg(distinct l.mode || ' on ' || n.nspname || '.' || c.relname, ', ') as holds
      from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
     where l.locktype = 'relation' and l.relation in (select oid from watched)
       and l.database = (select oid from pg_database where datname = current_database())
       and l.pid is distinct from pg_backend_pid()
     group by l.pid, l.virtualtransaction
  )
  select coalesce(h.pid, 0) as pid, ${BACKEND_COLUMNS}, h.holds, h.writes, p.gid,
         a.xact_start is null and h.pid is not null as hidden,
         coalesce(a.xact_start < clock_timestamp() - $3 * interval '1 millisecond', false) as "isLong"
    from held h left join pg_stat_activity a on a.pid = h.pid
         left join pg_locks x on h.pid is null and x.pid is null and x.locktype = 'transactionid'
                             and x.virtualtransaction = h.virtualtransaction
         left join pg_prepared_xacts p on p.transaction = x.transactionid
   where (a.pid is not null or p.gid is not null)
     and coalesce(a.backend_type, '') <> 'autovacuum worker'
     and coalesce(a.application_name, '') not like $4
   order by 1, h.holds`;

const WRITES = `
  select schemaname || '.' || relname as name, (n_tup_ins + n_tup_upd + n_tup_del)::float8 as writes
    from pg_stat_all_tables where relid in (${TABLES})`;

interface Row extends BackendInfo {
  readonly holds: string;
  readonly writes: boolean;
  readonly gid: string | null;
  readonly hidden: boolean;
  readonly isLong: boolean;
}

/** Takes no lock on the tables it looks at. The client must not be in a transaction: statistics stand still in one. */
export async function sampleQuiet(client: pg.Client, scope: QuietScope): Promise<QuietSample> {
  const tables = [scope.schemas, scope.alsoTables];
  const counted = await client.query<{ name: string; writes: number }>(WRITES, tables);
  const longMs = scope.longTransactionMs ?? LONG_TRANSACTION_MS;
  const { rows } = await client.query<Row>(OFFENDERS, [...tables, longMs, `${OWN_APPLICATION}%`]);
  return {
    writes: new Map(counted.rows.map(({ name, writes }) => [name, writes])),
    offenders: rows.flatMap((row) => offender(row) ?? []),
    hidden: rows.filter(({ hidden }) => hidden).length,
  };
}

function offender({ holds, writes, gid, hidden: _, isLong, ...backend }: Row): Offender | undefined {
  if (gid !== null) return { ...backend, application: gid, holds, why: 'prepared transaction' };
  if (writes) return { ...backend, holds, why: 'writes' };
  return isLong ? { ...backend, holds, why: 'long transaction' } : undefined;
}

/** Tables that were written to between two samples, with how many rows. A table that is new since then counts from zero. */
export function writtenBetween(before: QuietSample, after: QuietSample): ReadonlyMap<string, number> {
  const grown = [...after.writes].map(([name, writes]) => [name, writes - (before.writes.get(name) ?? 0)] as const);
  return new Map(grown.filter(([, rows]) => rows > 0));
}

/** `pid 4711 (billing, user app, idle in transaction, for 12.3 s) holds RowExclusiveLock on core.users`. */
export function describeOffender(offender: Offender): string {
  if (offender.why === 'prepared transaction')
    return `prepared transaction ${offender.application} holds ${offender.holds}`;
  return `${describeBackend(offender)} holds ${offender.holds}`;
}
