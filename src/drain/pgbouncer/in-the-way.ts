/** Who is still in a transaction behind a pooler: what the pooler knows of the client, and what the database knows of the backend. */
import { withSession } from '../../checks/session.ts';
import { formatDuration } from '../../model/duration.ts';
import type { PoolerServer } from './pooler-facts.ts';
import { describeServer } from './pooler-problems.ts';

interface Backend {
  readonly pid: number;
  readonly state: string;
  /** Of its transaction. */
  readonly ageMs: number;
}

/** Server connections that a client was using, and when that was. */
export interface Seen {
  readonly servers: readonly PoolerServer[];
  readonly atMs: number;
}

/**
 * One line each, with the age of the transaction where it is still the one that was seen. Never throws: what cannot be asked is left
 * out. Queries are not shown: they may hold what is nobody's business. `nowMs`: of the clock that `seen` was taken by.
 */
export async function whoWasInTheWay(url: string, seen: Seen, nowMs: () => number): Promise<readonly string[]> {
  const linked = seen.servers.filter(({ client }) => client !== null);
  const pids = linked.flatMap(({ pid }) => pid ?? []);
  const backends = pids.length === 0 ? [] : await readBackends(url, pids).catch(() => []);
  const sinceMs = nowMs() - seen.atMs;
  const still = backends.filter(({ ageMs }) => ageMs >= sinceMs);
  return linked.map((server) =>
    lineOf(
      server,
      still.find(({ pid }) => pid === server.pid),
    ),
  );
}

function lineOf(server: PoolerServer, backend: Backend | undefined): string {
  const line = describeServer(server);
  return backend ? `${line}, ${backend.state}, in a transaction for ${formatDuration(backend.ageMs)}` : line;
}

function readBackends(url: string, pids: readonly number[]): Promise<readonly Backend[]> {
  return withSession({ url }, 'hold', async ({ client }) => {
    const { rows } = await client.query<Backend>(
      `select pid, coalesce(state, 'unknown') as state,
              ceil(extract(epoch from clock_timestamp() - xact_start) * 1000)::float8 as "ageMs"
         from pg_stat_activity where pid = any($1) and xact_start is not null and datname = current_database()`,
      [pids],
    );
    return rows;
  });
}
