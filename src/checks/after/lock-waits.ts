/** Who waits for a lock on the tables, for how long, and behind whom. Sessions are named, never what they say. */
import type pg from 'pg';
import { type BackendInfo, describeBackend } from '../../model/backend.ts';
import { formatDuration } from '../../model/duration.ts';
import { BACKEND_COLUMNS } from '../../postgres/backend.ts';
import { IS_OURS, type QuietScope, WATCHED_TABLES } from '../quiet-sample.ts';

export interface LockWait {
  /** The same for the same wait seen again. */
  readonly key: string;
  readonly waiter: BackendInfo;
  readonly waitedMs: number;
  /** `RowExclusiveLock on core.users`, `a row that another transaction has`. */
  readonly wanted: string;
  /** Those in front of it; a prepared transaction has no session and is only counted. */
  readonly behind: readonly BackendInfo[];
  readonly behindPrepared: number;
}

// Who waits for a row waits for the end of a transaction, and has a lock on the row's table already.
const WAITS = `
  with watched as (${WATCHED_TABLES})
  select l.pid, ${BACKEND_COLUMNS}, l.pid || '/' || coalesce(l.waitstart::text, '') as key,
         greatest(extract(epoch from clock_timestamp() - l.waitstart) * 1000, 0)::float8 as "waitedMs",
         case when l.relation is null then 'a row that another transaction has'
              else l.mode || ' on ' || n.nspname || '.' || c.relname end as wanted,
         array(select distinct unnest(pg_blocking_pids(l.pid))) as blockers
    from pg_locks l join pg_stat_activity a on a.pid = l.pid
         left join pg_class c on c.oid = l.relation left join pg_namespace n on n.oid = c.relnamespace
   where not l.granted and a.datname = current_database() and not ${IS_OURS}
     and l.waitstart < clock_timestamp() - $3 * interval '1 millisecond'
     and (l.relation in (select oid from watched)
          or (l.locktype in ('transactionid', 'tuple') and exists (
            select from pg_locks h where h.pid = l.pid and h.granted and h.locktype = 'relation'
                                     and h.relation in (select oid from watched))))
   order by l.waitstart`;

const BLOCKERS = `select a.pid, ${BACKEND_COLUMNS} from pg_stat_activity a where a.pid = any ($1) order by a.pid`;

type Row = BackendInfo & Pick<LockWait, 'key' | 'waitedMs' | 'wanted'> & { readonly blockers: readonly number[] };

/** Those that have waited longer than `longerThanMs`. */
export async function readLockWaits(
  client: pg.Client,
  { schemas, alsoTables }: QuietScope,
  longerThanMs: number,
): Promise<readonly LockWait[]> {
  const { rows } = await client.query<Row>(WAITS, [schemas, alsoTables, longerThanMs]);
  if (rows.length === 0) return [];
  const found = await client.query<BackendInfo>(BLOCKERS, [rows.flatMap(({ blockers }) => blockers)]);
  const named = new Map(found.rows.map((one) => [one.pid, one]));
  return rows.map(({ key, waitedMs, wanted, blockers, ...waiter }) => ({
    key,
    waiter,
    waitedMs,
    wanted,
    behind: blockers.flatMap((pid) => named.get(pid) ?? []),
    behindPrepared: blockers.filter((pid) => pid === 0).length,
  }));
}

/** `pid 12 (…) waited 7.2 s for RowExclusiveLock on core.users, behind pid 9 (…)`. */
export function describeLockWait({ waiter, waitedMs, wanted, behind, behindPrepared }: LockWait): string {
  const prepared = behindPrepared > 0 ? ['a prepared transaction'] : [];
  const before = [...behind.map(describeBackend), ...prepared].join(' and ') || 'somebody who is gone';
  return `${describeBackend(waiter)} waited ${formatDuration(waitedMs)} for ${wanted}, behind ${before}`;
}
