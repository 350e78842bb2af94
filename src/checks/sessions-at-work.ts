/**
 * Who may have written what the counters show and nobody was seen writing: sessions that were at work meanwhile. They are
 * suspects, not culprits; which of them it was cannot be told without reading what they say.
 */
import type pg from 'pg';
import { type BackendInfo, describeBackend } from '../model/backend.ts';
import { BACKEND_COLUMNS } from '../postgres/backend.ts';
import { IS_OURS } from './quiet-sample.ts';

// A session that then sits idle tells the counters up to ten seconds late.
const LATE_MS = 10_000;

const AT_WORK = `
  select a.pid, ${BACKEND_COLUMNS}, s.subname::text as subscription
    from pg_stat_activity a left join pg_stat_subscription s on s.pid = a.pid
   where a.datname = current_database() and a.pid <> pg_backend_pid() and not ${IS_OURS}
     and (s.pid is not null or a.backend_type = 'client backend')
     and (a.state <> 'idle' or a.state_change > clock_timestamp() - $1 * interval '1 millisecond')
   order by a.backend_xid is null, a.state = 'idle', a.state_change desc nulls last`;

type AtWork = BackendInfo & { readonly subscription: string | null };

const NAMED = 5;

/** `at work meanwhile: pid 4711 (…); pid 4712 (…); and 3 more`; nothing where nobody is visible. */
export async function sessionsAtWork(client: pg.Client, withinMs: number): Promise<readonly string[]> {
  const { rows } = await client.query<AtWork>(AT_WORK, [withinMs + LATE_MS]);
  if (rows.length === 0) return [];
  const named = rows
    .slice(0, NAMED)
    .map((one) => `${one.subscription === null ? '' : `subscription ${one.subscription}: `}${describeBackend(one)}`);
  const more = rows.length > NAMED ? [`and ${rows.length - NAMED} more`] : [];
  return [`at work meanwhile: ${[...named, ...more].join('; ')}`];
}
