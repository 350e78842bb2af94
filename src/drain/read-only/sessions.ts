/**
 * Ends sessions: what is idle at once, what is busy when its time is over. The server decides in the statement that ends, so that
 * a session that has begun to work meanwhile is let finish, and a pid that is another's by now is not hit.
 */
import type pg from 'pg';
import { BACKEND_COLUMNS, type BackendInfo, describeBackend } from '../../postgres/backend.ts';
import type { Clock } from '../../postgres/clock.ts';
import { IN_SCOPE, type Roles } from './scope.ts';

/** Sessions by when they connected, as PostgreSQL writes times; the ends count in. */
export interface Connected {
  readonly from: string | null;
  readonly until: string;
}

export interface EndOptions {
  readonly roles: Roles;
  readonly connected: Connected;
  /** How long busy ones may go on. */
  readonly endAfterMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

export interface Ended {
  readonly idle: number;
  /** Those that had to be interrupted. */
  readonly busy: readonly BackendInfo[];
  /** Those that are there still; none where all went. */
  readonly left: readonly BackendInfo[];
}

const LOOK_EVERY_MS = 100;
/** A session that was told to end rolls back and goes; a frozen one does not. */
const GONE_WITHIN_MS = 10_000;

const SESSIONS = `from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
  where ${IN_SCOPE} and a.backend_start <= $3::timestamptz and ($2::timestamptz is null or a.backend_start >= $2::timestamptz)`;

const LIST = `select a.pid, ${BACKEND_COLUMNS} ${SESSIONS} order by a.backend_start`;
const END = (which: string) => `select a.pid, ${BACKEND_COLUMNS}, pg_terminate_backend(a.pid) ${SESSIONS} and ${which}`;
const END_IDLE = END(`a.state = 'idle'`);
const END_ALL = END('true');

/** The client must not be in a transaction: what the sessions do would stand still in it. */
export async function endSessions(client: pg.Client, options: EndOptions): Promise<Ended> {
  const { endAfterMs, clock, signal, onProgress } = options;
  const startedAt = clock.nowMs();
  const idle = new Set<number>();
  const busy = new Map<number, BackendInfo>();
  for (;;) {
    const waitedMs = clock.nowMs() - startedAt;
    const ended = await run(client, END_IDLE, options);
    for (const { pid } of ended) if (!busy.has(pid)) idle.add(pid);
    if (waitedMs >= endAfterMs)
      for (const one of await run(client, END_ALL, options)) if (!idle.has(one.pid)) busy.set(one.pid, one);
    const left = await listSessions(client, options);
    const isOver = left.length === 0 || waitedMs >= endAfterMs + GONE_WITHIN_MS;
    if (isOver) return { idle: idle.size, busy: [...busy.values()].map(plain), left };
    onProgress?.(
      `waiting for ${left.length} ${left.length === 1 ? 'session' : 'sessions'}: ${describeBackend(left[0]!)}`,
    );
    await clock.pause(LOOK_EVERY_MS, signal);
  }
}

/** Those that are there, the oldest first. */
export function listSessions(
  client: pg.Client,
  of: Pick<EndOptions, 'roles' | 'connected'>,
): Promise<readonly BackendInfo[]> {
  return run(client, LIST, of);
}

async function run(
  client: pg.Client,
  sql: string,
  { roles, connected }: Pick<EndOptions, 'roles' | 'connected'>,
): Promise<readonly BackendInfo[]> {
  return (await client.query<BackendInfo>(sql, [roles, connected.from, connected.until])).rows;
}

function plain({ pid, application, user, address, state, ageSeconds }: BackendInfo): BackendInfo {
  return { pid, application, user, address, state, ageSeconds };
}

/** The server's time with all its digits. */
export async function serverTime(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ now: string }>(
    `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`,
  );
  return rows[0]!.now;
}
