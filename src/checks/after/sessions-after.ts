/** Sessions that show trouble by their state, and those that are older than the last migration. */
import type pg from 'pg';
import type { BackendInfo } from '../../model/backend.ts';
import { BACKEND_COLUMNS } from '../../postgres/backend.ts';
import { IS_OURS } from '../quiet-sample.ts';

/** An error that is handled at once is none of our business. */
const ABORTED_FOR_MS = 1_000;

const ABORTED = `
  select a.pid, ${BACKEND_COLUMNS} from pg_stat_activity a
   where a.datname = current_database() and not ${IS_OURS} and a.state like 'idle in transaction (aborted)'
     and a.state_change < clock_timestamp() - $1 * interval '1 millisecond'
   order by a.pid`;

/** A statement of theirs failed, and they sit on the transaction with all its locks. */
export async function abortedSessions(client: pg.Client): Promise<readonly BackendInfo[]> {
  return (await client.query<BackendInfo>(ABORTED, [ABORTED_FOR_MS])).rows;
}

const OLDER = `
  select a.pid, ${BACKEND_COLUMNS}, a.backend_start is null as hidden from pg_stat_activity a
   where a.datname = current_database() and not ${IS_OURS} and a.pid <> pg_backend_pid()
     and (a.backend_type = 'client backend' or (a.backend_type is null and a.usesysid is not null))
     and (a.backend_start is null or a.backend_start < $1::timestamptz)
   order by a.backend_start`;

export interface OlderSessions {
  readonly sessions: readonly BackendInfo[];
  /** Sessions whose age this role may not see: they may be older as well. */
  readonly hidden: number;
}

/** Only these can hold a plan that a migration has made wrong. `than`: ISO 8601. */
export async function sessionsOlderThan(client: pg.Client, than: string): Promise<OlderSessions> {
  const { rows } = await client.query<BackendInfo & { readonly hidden: boolean }>(OLDER, [than]);
  return { sessions: rows.filter(({ hidden }) => !hidden), hidden: rows.filter(({ hidden }) => hidden).length };
}
