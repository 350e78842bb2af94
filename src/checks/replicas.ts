/** The physical replicas of a primary as it sees them, and a marker in the WAL that each of them must have replayed. */
import type pg from 'pg';

export interface Replica {
  readonly pid: number;
  /** The standby's application_name: `walreceiver` unless it was given one. */
  readonly name: string;
  readonly address: string | null;
  /** `streaming`, `catchup` …; null where this role may not see it. */
  readonly state: string | null;
  /** Whether it has replayed the marker; null where it reports no replay at all. */
  readonly replayed: boolean | null;
  readonly behindBytes: number | null;
  /** Since the time that its last reply carries, which is its own clock's; null where it never replied. */
  readonly heardAgoMs: number | null;
}

// A base backup that runs and a receiver of logical changes are senders too, and replay nothing.
const REPLICAS = `
  select r.pid, coalesce(r.application_name, '') as name, host(r.client_addr) as address, r.state,
         r.replay_lsn >= $1::pg_lsn as replayed,
         greatest(pg_wal_lsn_diff($1::pg_lsn, r.replay_lsn), 0)::float8 as "behindBytes",
         greatest(extract(epoch from clock_timestamp() - r.reply_time) * 1000, 0)::float8 as "heardAgoMs"
    from pg_stat_replication r
   where r.state is distinct from 'backup'
     and not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')
   order by 2, 3, 1`;

/** `marker` is a WAL position as text. */
export async function readReplicas(client: pg.Client, marker: string): Promise<readonly Replica[]> {
  const { rows } = await client.query<Replica>(REPLICAS, [marker]);
  return rows;
}

// A drain may have made new transactions read-only. A replica that is delayed on purpose replays everything up to the commit
// at once and waits there: only a position behind the commit tells.
const MARKER = `
  begin read write;
  set local synchronous_commit = local;
  select pg_logical_emit_message(true, 'drydock', 'marker');
  commit;
  select pg_current_wal_flush_lsn()::text as lsn`;

/**
 * Commits a message of a few bytes into the WAL, flushed here, and gives the position behind it. It changes no table.
 * The commit waits for no synchronous standby: a missing one would hold it up for ever. The client is in no transaction.
 */
export async function writeMarker(client: pg.Client): Promise<string> {
  try {
    const answer: unknown = await client.query(MARKER);
    return (answer as readonly pg.QueryResult<{ lsn: string }>[]).at(-1)!.rows[0]!.lsn;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** `standby1 (10.0.0.7)`. */
export function replicaName({ name, address }: Replica): string {
  return `${name || 'unnamed'} (${address ?? 'local socket'})`;
}
