/**
 * Runs some work in one transaction, and says what failed as a Problem. It retries nothing.
 */
import type pg from 'pg';
import { ProblemError } from '../model/problem.ts';
import { type PgErrorContext, problemFromPg } from '../postgres/problem-from-pg.ts';

/** BEGIN, the work, COMMIT; on any error ROLLBACK and a ProblemError in the words of `context`. */
export async function inTransaction<T>(
  client: pg.ClientBase,
  context: PgErrorContext,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await client.query('BEGIN');
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that is gone has rolled back already; the first error is the one to tell.
    await client.query('ROLLBACK').catch(() => undefined);
    throw new ProblemError(problemFromPg(error, context), { cause: error });
  }
}
