/**
 * Who a waiting backend waits for, and who waits behind it: asked from a second connection, because the waiting one cannot
 * ask anything meanwhile. It shows locks and ages, never what those sessions run.
 */
import type pg from 'pg';
import type { Blocker } from './backend.ts';

/** One look at a backend that may be waiting. */
export interface WaitSeen {
  /** None where it is not waiting. */
  readonly blockers: readonly Blocker[];
  /** Sessions that came after it and wait for the same table. */
  readonly queuedBehind: number;
}

export const NOT_WAITING: WaitSeen = { blockers: [], queuedBehind: 0 };

// Every look takes all partitions of the lock table for a moment: once per query is enough.
const WAIT = `
  with locks as materialized (select * from pg_catalog.pg_locks),
  wanted as (select * from locks where pid = $1 and not granted limit 1),
  blocking as (select distinct pid from unnest(pg_catalog.pg_blocking_pids($1)) as b (pid)),
  same as (
    select h.pid, h.mode, h.granted, h.virtualtransaction
      from locks h join wanted w on h.locktype = w.locktype and h.database is not distinct from w.database
       and h.relation is not distinct from w.relation and h.transactionid is not distinct from w.transactionid
       and h.virtualxid is not distinct from w.virtualxid
  )
  select b.pid, p.gid as prepared,
         coalesce(nullif(a.application_name, ''), nullif(a.backend_type, 'client backend'), '') as application,
         coalesce(a.usename, p.owner)::text as user, host(a.client_addr) as address, a.state,
         round(extract(epoch from clock_timestamp() - coalesce(p.prepared, a.xact_start, a.backend_start))::numeric, 1)::float8
           as "ageSeconds",
         (select case w.locktype
                   when 'relation' then w.mode || ' on ' || w.relation::regclass
                   when 'advisory' then 'its advisory lock'
                   else 'the end of its transaction' end from wanted w) as wanted,
         (select string_agg(distinct h.mode, ', ') from same h, wanted w
           where w.locktype = 'relation' and coalesce(h.pid, 0) = b.pid and h.granted) as holds,
         (select string_agg(distinct h.mode, ', ') from same h, wanted w
           where w.locktype = 'relation' and h.pid = b.pid and not h.granted) as "waitsFor",
         (select count(distinct q.pid)::int from locks q join wanted w on q.relation = w.relation and q.database = w.database
           where not q.granted and q.pid <> $1 and q.waitstart >= w.waitstart) as "queuedBehind"
    from blocking b
    left join pg_catalog.pg_stat_activity a on a.pid = b.pid
    left join pg_catalog.pg_prepared_xacts p on b.pid = 0 and p.database = current_database()
         and exists (select from same h join locks x using (virtualtransaction)
                      where h.pid is null and x.pid is null and x.transactionid = p.transaction)
   order by b.pid, p.gid`;

/** Errors: the driver's own. */
export async function waitOf(client: pg.Client, pid: number): Promise<WaitSeen> {
  const { rows } = await client.query<Blocker & { readonly queuedBehind: number }>(WAIT, [pid]);
  const blockers = rows.map(({ queuedBehind: _, ...blocker }) => blocker);
  return { blockers, queuedBehind: rows[0]?.queuedBehind ?? 0 };
}
