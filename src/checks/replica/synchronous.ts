/**
 * Would a COMMIT come back? Where fewer synchronous standbys are connected than the primary waits for, it hangs, and no
 * timeout ends it. Read from the primary; whether a connected standby answers in time is the marker's question.
 */
import type pg from 'pg';
import type { Evidence } from '../../model/outcome.ts';
import type { ProblemInput } from '../../model/problem.ts';
import { count, fact } from '../outcome.ts';

export interface Synchronous {
  /** `synchronous_standby_names`; empty where none is waited for. */
  readonly names: string;
  /** `synchronous_commit` as this role's sessions have it. */
  readonly commit: string;
  /** Standbys that stream and whose answer counts. */
  readonly connected: number;
}

const SYNCHRONOUS = `
  select current_setting('synchronous_standby_names') as names, current_setting('synchronous_commit') as commit,
         (select count(*)::int from pg_stat_replication
           where sync_state in ('sync', 'quorum') and state = 'streaming') as connected`;

export async function readSynchronous(client: pg.Client): Promise<Synchronous> {
  const { rows } = await client.query<Synchronous>(SYNCHRONOUS);
  return rows[0]!;
}

/** How many standbys each COMMIT waits for: `FIRST 2 (a, b, c)`, `ANY 1 (*)`, `2 (a, b)`, `a, b`. */
export function neededStandbys(names: string): number {
  const text = names.trim();
  if (text === '') return 0;
  const counted = /^(?:(?:first|any)\s+)?(\d+)\s*\(/i.exec(text);
  return counted === null ? 1 : Number(counted[1]);
}

/** None where no standby is waited for. */
export function synchronousEvidence({ names, commit, connected }: Synchronous): readonly Evidence[] {
  const needed = neededStandbys(names);
  if (needed === 0) return [];
  const waits = WAITS_FOR_NOBODY.has(commit) ? `, but synchronous_commit = ${commit} here waits for none` : '';
  return [fact('synchronous standbys', `${connected} connected (${names})${waits}`, `at least ${needed}`)];
}

const WAITS_FOR_NOBODY = new Set(['off', 'local']);

export function synchronousProblem({ names, commit, connected }: Synchronous): ProblemInput | undefined {
  const needed = neededStandbys(names);
  if (connected >= needed || WAITS_FOR_NOBODY.has(commit)) return undefined;
  return {
    code: 'synchronous-standby-gone',
    message: `a COMMIT would hang: ${connected} of ${count(needed, 'synchronous standby')} connected`,
    found: `synchronous_standby_names = '${names}', synchronous_commit = ${commit}`,
    expected: `at least ${needed} of them streaming`,
    next: `bring the standby back, or ALTER SYSTEM SET synchronous_standby_names to those that are there and SELECT pg_reload_conf()`,
  };
}
