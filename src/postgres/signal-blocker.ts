/**
 * Cancels or ends one session that stands in another's way. What must be left alone is decided by the server in the same
 * statement that acts, so that a pid that meanwhile belongs to somebody else is never hit.
 */
import type pg from 'pg';
import type { Blocker } from './backend.ts';
import { sqlstateOf } from './sqlstate.ts';

export interface BlockerSignal {
  readonly blocker: Blocker;
  /** The backend that waits. */
  readonly of: number;
  readonly act: 'cancel' | 'terminate';
  /** Its transaction has to be at least as old. */
  readonly afterMs: number;
}

/**
 * `gone`: it no longer is in the way. `protected`: a superuser, a replication role, no client's session, or one of Drydock's.
 * `no-right`: this role may not signal it, or may not see enough of it.
 */
export type SignalResult = 'done' | 'gone' | 'protected' | 'no-right';

const SEEN = `
  select r.rolsuper or r.rolreplication or a.backend_type <> 'client backend' or a.application_name like 'drydock:%'
           or a.pid = pg_backend_pid() as protected,
         a.backend_type is null as hidden
    from pg_catalog.pg_stat_activity a left join pg_catalog.pg_roles r on r.oid = a.usesysid
   where a.pid = $1 and a.pid = any(pg_catalog.pg_blocking_pids($2)) and a.application_name = $3 and a.usename = $4
     and (a.backend_type is null or a.xact_start <= clock_timestamp() - $5 * interval '1 millisecond')`;

const ACT = {
  cancel: `select pg_catalog.pg_cancel_backend($1) as done from (${SEEN}) seen where not protected and not hidden`,
  terminate: `select pg_catalog.pg_terminate_backend($1) as done from (${SEEN}) seen where not protected and not hidden`,
} as const;

/** Errors: the driver's own, those of missing rights excepted. */
export async function signalBlocker(
  client: pg.Client,
  { blocker, of, act, afterMs }: BlockerSignal,
): Promise<SignalResult> {
  const values = [blocker.pid, of, blocker.application, blocker.user, afterMs];
  try {
    const { rows } = await client.query<{ done: boolean }>(ACT[act], values);
    if (rows[0]?.done) return 'done';
    const seen = await client.query<{ protected: boolean | null; hidden: boolean }>(SEEN, values);
    const row = seen.rows[0];
    if (!row) return 'gone';
    if (row.hidden) return 'no-right';
    return row.protected ? 'protected' : 'gone';
  } catch (error) {
    if (sqlstateOf(error) === '42501') return 'no-right';
    throw error;
  }
}
