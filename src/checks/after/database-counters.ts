/** What the server counts for a whole database: transactions that ended well or not, deadlocks, sessions that were lost. */
import type pg from 'pg';

export interface DatabaseCounters {
  readonly commits: number;
  readonly rollbacks: number;
  readonly deadlocks: number;
  /** Queries cancelled because of recovery: on a standby only. */
  readonly conflicts: number;
  /** Sessions that ended by a fatal error, were killed, or whose client vanished. */
  readonly lostSessions: number;
}

const COUNTERS = `
  select xact_commit::float8 as commits, xact_rollback::float8 as rollbacks, deadlocks::float8, conflicts::float8,
         (sessions_abandoned + sessions_fatal + sessions_killed)::float8 as "lostSessions"
    from pg_stat_database where datname = current_database()`;

/** Since the statistics began. The client must not be in a transaction: statistics stand still in one. */
export async function readCounters(client: pg.Client): Promise<DatabaseCounters> {
  return (await client.query<DatabaseCounters>(COUNTERS)).rows[0]!;
}

/** Never negative: somebody may have reset them. */
export function countedBetween(before: DatabaseCounters, after: DatabaseCounters): DatabaseCounters {
  const grown = (key: keyof DatabaseCounters): number => Math.max(0, after[key] - before[key]);
  return {
    commits: grown('commits'),
    rollbacks: grown('rollbacks'),
    deadlocks: grown('deadlocks'),
    conflicts: grown('conflicts'),
    lostSessions: grown('lostSessions'),
  };
}

/** Of all transactions that ended, those that were rolled back: 0 to 1. */
export function rollbackShare({ commits, rollbacks }: Pick<DatabaseCounters, 'commits' | 'rollbacks'>): number {
  return commits + rollbacks === 0 ? 0 : rollbacks / (commits + rollbacks);
}
