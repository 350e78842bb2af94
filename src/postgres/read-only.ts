/** Several questions in one read-only transaction, seen at one moment, in one round trip. */
import type pg from 'pg';

/** One result per statement. The client must not be in a transaction. Errors: the driver's own, with the transaction ended. */
export async function readOnly(
  client: pg.ClientBase,
  statements: readonly string[],
): Promise<readonly pg.QueryResult[]> {
  const begin = 'begin transaction isolation level repeatable read, read only';
  try {
    const results = (await client.query([begin, ...statements, 'commit'].join(';\n'))) as unknown as pg.QueryResult[];
    return results.slice(1, -1);
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
