/**
 * Dumps that Drydock itself is taking of a database at this moment. Their sessions are ours and so never count as traffic,
 * but they read every table: what needs a table for itself waits behind them, and so does a concurrent index build.
 */
import type pg from 'pg';
import { formatDuration } from '../../model/duration.ts';

/** The start of their application name, behind which comes who takes the dump. */
export const DUMP_APPLICATION = 'drydock:dump:';

export interface RunningDump {
  readonly pid: number;
  /** `drydock:dump:kim@host`. */
  readonly application: string;
  /** Null where this role may not see it. */
  readonly since: Date | null;
  /** On the server's clock; null as `since`. */
  readonly forMs: number | null;
}

const RUNNING = `
  select pid, application_name as application, coalesce(xact_start, backend_start) as since,
         extract(epoch from clock_timestamp() - coalesce(xact_start, backend_start))::float8 * 1000 as "forMs"
    from pg_stat_activity
   where datname = current_database() and starts_with(application_name, $1) and pid <> pg_backend_pid()
   order by 3, 1`;

/** Of the database that the client is connected to, the oldest first. */
export async function runningDumps(client: pg.Client): Promise<readonly RunningDump[]> {
  return (await client.query<RunningDump>(RUNNING, [DUMP_APPLICATION])).rows;
}

/** `pid 4711 (drydock:dump:kim@host), since 2026-01-01T03:00:00.000Z, for 12 min`. */
export function describeRunningDump({ pid, application, since, forMs }: RunningDump): string {
  const began = since === null ? 'since a time that this role may not see' : `since ${since.toISOString()}`;
  return `pid ${pid} (${application}), ${began}${forMs === null ? '' : `, for ${formatDuration(Math.max(0, forMs))}`}`;
}
