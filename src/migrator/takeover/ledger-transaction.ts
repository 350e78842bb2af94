/**
 * One transaction over the ledger alone: everything is read, decided and written in it, so that nobody comes in between and a
 * kill leaves nothing. Locks are waited for as in migrations: briefly and often. Whoever calls holds the migrator's lock.
 */
import type pg from 'pg';
import { withLockRetries } from '../lock-retries.ts';
import { asProblem, beginningOf, rollback } from '../step-transaction.ts';
import { send, type Work } from '../work.ts';
import type { Ask } from './history.ts';

/**
 * `doing`: as the subject of a sentence, `taking over the history`. The task may be run several times, each time from its
 * beginning. Errors: those of the task, as ProblemErrors; `lock-timeout`; `claim-lost`; `interrupted`.
 */
export async function inLedgerTransaction<T>(work: Work, doing: string, task: (ask: Ask) => Promise<T>): Promise<T> {
  const attempt = async (): Promise<T> => {
    await send(work, ['begin;', ...beginningOf(work)].join('\n'));
    const result = await task(askOf(work.session.client));
    await send(work, 'commit');
    return result;
  };
  try {
    return await withLockRetries(work, { doing, attempt, takeBack: () => rollback(work) });
  } catch (error) {
    await rollback(work);
    throw asProblem(error, { doing });
  }
}

export function askOf(client: pg.Client): Ask {
  return async <Row extends object>(sql: string, values: readonly unknown[] = []) => {
    const { rows } = await client.query(sql, [...values]);
    return rows as Row[];
  };
}
