/**
 * Names the sessions that a waiting backend waits for. It looks from a second connection, because the waiting one cannot
 * ask anything meanwhile, and shows locks and ages, never what those sessions run.
 */
import type pg from 'pg';
import { BACKEND_COLUMNS, type Blocker } from './backend.ts';
import { type ConnectOptions, connect, type Session } from './connect.ts';

const BLOCKERS = `
  select b.pid, ${BACKEND_COLUMNS},
         (select w.mode || ' on ' || w.relation::regclass from pg_locks w
           where w.pid = $1 and not w.granted and w.relation is not null limit 1) as wanted,
         (select string_agg(distinct h.mode, ', ') from pg_locks h join pg_locks w on w.relation = h.relation
           where w.pid = $1 and not w.granted and h.pid = b.pid and h.granted) as holds
    from unnest(pg_blocking_pids($1)) as b (pid) left join pg_stat_activity a on a.pid = b.pid
   order by b.pid`;

export async function blockersOf(client: pg.Client, pid: number): Promise<Blocker[]> {
  const { rows } = await client.query<Blocker>(BLOCKERS, [pid]);
  return rows;
}

export interface BlockerWatch {
  /** Looks ten times a second until `work` settles; gives back what was seen last, none where nothing was. Never rejects. */
  during(
    work: Promise<unknown>,
    onSeen?: (blockers: readonly Blocker[]) => void,
  ): Promise<{ readonly blockers: readonly Blocker[] }>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 100;

/** Opens the second connection. `pid` is the backend that may have to wait. */
export async function watchBlockers(options: ConnectOptions, pid: number): Promise<BlockerWatch> {
  const session = await connect({ ...options, purpose: 'read' });
  return {
    during: (work, onSeen) => lookDuring(session, pid, work, onSeen ?? (() => undefined)),
    close: () => session.close(),
  };
}

async function lookDuring(
  session: Session,
  pid: number,
  work: Promise<unknown>,
  onSeen: (blockers: readonly Blocker[]) => void,
): Promise<{ readonly blockers: readonly Blocker[] }> {
  let blockers: readonly Blocker[] = [];
  let settled = false;
  const end = work.then(
    () => undefined,
    () => undefined,
  );
  void end.then(() => {
    settled = true;
  });
  while (!settled) {
    // Whoever looks must never fail the work: a lost watch only costs names.
    const seen = await blockersOf(session.client, pid).catch(() => []);
    if (seen.length > 0) {
      blockers = seen;
      onSeen(seen);
    }
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))]);
  }
  return { blockers };
}
