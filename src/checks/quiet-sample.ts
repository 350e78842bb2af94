/**
 * One look at who is at work on a set of tables: sessions that hold writing locks or old transactions there, and how often
 * rows were written so far. Sessions are named, never what they run.
 */
import type pg from 'pg';
import { type BackendInfo, describeBackend, describePrepared } from '../model/backend.ts';
import { OWN_APPLICATION } from './session.ts';

export interface QuietScope {
  /** All tables in these schemas, and the tables that their foreign keys name. */
  readonly schemas: readonly string[];
  /** More tables as `schema.name`: those that foreign keys will name once the migrations are applied. */
  readonly alsoTables: readonly string[];
  /** A reader's transaction of this age counts: it would block what needs a table for itself. Default 10 s. */
  readonly longTransactionMs?: number;
  /**
   * A transaction that has a lock for writing and has written nothing yet counts from this age. Default 0: at once. Where writes
   * are refused, each of them has such a lock for a moment; one that is not refused is seen by what it writes.
   */
  readonly attemptMs?: number;
}

/** A session, or a prepared transaction, that is not ours. */
export interface Offender extends BackendInfo {
  /** `RowExclusiveLock on core.users`, several separated by commas. */
  readonly holds: string;
  /** Null unless it is a worker that applies another database's changes. */
  readonly subscription: string | null;
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

/** Their oids. `$1`: schemas, `$2`: more tables as `schema.name`. */
export const WATCHED_TABLES = `
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

/** Ours, over pg_stat_activity as `a`. A dump that we take is ours too. */
export const IS_OURS = `coalesce(a.application_name, '') like '${OWN_APPLICATION}:%'`;

// Whose type may not be seen is told by its user: of what holds locks on tables, only autovacuum has none.
const IS_AUTOVACUUM = `(a.backend_type = 'autovacuum worker' or (a.backend_type is null and a.usesysid is null))`;

const OFFENDERS = `
  with watched as (${WATCHED_TABLES}), held as (
    select l.pid, l.virtualtransaction, bool_or(l.mode in ${WRITING_MODES}) as writes,
           bool_and(l.mode in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')) as "isAttempt",
           string_agg(distinct l.mode || ' on ' || n.nspname || '.' || c.relname, ', ') as holds
      from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
     where l.locktype = 'relation' and l.relation in (select oid from watched)
       and l.database = (select oid from pg_database where datname = current_database())
       and l.pid is distinct from pg_backend_pid()
     group by l.pid, l.virtualtransaction
  )
  select coalesce(h.pid, 0) as pid, h.holds, s.subname::text as subscription, p.gid,
         case when p.gid is null then coalesce(a.application_name, '') else p.gid end as application,
         coalesce(a.usename, p.owner)::text as user, host(a.client_addr) as address, a.state,
         round(extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.backend_start, p.prepared))::numeric, 1)::float8
           as "ageSeconds",
         h.writes and not coalesce("isAttempt" and a.backend_xid is null
           and a.xact_start > clock_timestamp() - $4 * interval '1 millisecond', false) as writes,
         a.xact_start is null and h.pid is not null as hidden,
         coalesce(a.xact_start < clock_timestamp() - $3 * interval '1 millisecond', false) as "isLong"
    from held h left join pg_stat_activity a on a.pid = h.pid
         left join pg_stat_subscription s on s.pid = h.pid
         left join pg_locks x on h.pid is null and x.pid is null and x.locktype = 'transactionid'
                             and x.virtualtransaction = h.virtualtransaction
         left join pg_prepared_xacts p on p.transaction = x.transactionid
   where p.gid is not null or (a.pid is not null and not ${IS_AUTOVACUUM} and not ${IS_OURS})
   order by 1, h.holds`;

const WRITES = `
  select schemaname || '.' || relname as name, (n_tup_ins + n_tup_upd + n_tup_del)::float8 as writes
    from pg_stat_all_tables where relid in (${WATCHED_TABLES})`;

interface Row extends BackendInfo {
  readonly holds: string;
  readonly subscription: string | null;
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
  const { rows } = await client.query<Row>(OFFENDERS, [...tables, longMs, scope.attemptMs ?? 0]);
  return {
    writes: new Map(counted.rows.map(({ name, writes }) => [name, writes])),
    offenders: rows.flatMap((row) => offender(row) ?? []),
    hidden: rows.filter(({ hidden }) => hidden).length,
  };
}

function offender({ writes, gid, hidden: _, isLong, ...seen }: Row): Offender | undefined {
  if (gid !== null) return { ...seen, why: 'prepared transaction' };
  if (writes) return { ...seen, why: 'writes' };
  return isLong ? { ...seen, why: 'long transaction' } : undefined;
}

/** Tables that were written to between two samples, with how many rows. A table that is new since then counts from zero. */
export function writtenBetween(before: QuietSample, after: QuietSample): ReadonlyMap<string, number> {
  const grown = [...after.writes].map(([name, writes]) => [name, writes - (before.writes.get(name) ?? 0)] as const);
  return new Map(grown.filter(([, rows]) => rows > 0));
}

/**
 * `pid 4711 (billing, user app, from 10.0.0.5, idle in transaction, for 12.3 s) holds RowExclusiveLock on core.users`;
 * `subscription orders: pid …`; `prepared transaction 'order 17' (user app, for 12.3 s; …) holds …`.
 */
export function describeOffender(offender: Offender): string {
  const { why, application, user, ageSeconds, subscription, holds } = offender;
  if (why === 'prepared transaction') {
    const of = { prepared: application, user, ageSeconds };
    return `${describePrepared(of)} holds ${holds}`;
  }
  const source = subscription === null ? '' : `subscription ${subscription}: `;
  return `${source}${describeBackend(offender)} holds ${holds}`;
}
