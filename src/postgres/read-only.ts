/** Several questions in one read-only transaction, seen at one moment, in one round trip or in two. */
import type pg from 'pg';

type Answers = readonly pg.QueryResult[];

const BEGIN = 'begin transaction isolation level repeatable read, read only';

/** One result per statement. The client must not be in a transaction. Errors: the driver's own, with the transaction ended. */
export async function readOnly(client: pg.ClientBase, statements: readonly string[]): Promise<Answers> {
  return (await ask(client, [BEGIN, ...statements, 'commit'])).slice(1, -1);
}

/**
 * The same in two messages: gives the answers to `first`, and a promise of those to `second`, which the server is asked for
 * meanwhile. For what takes the server as long as the first answers take whoever reads them.
 */
export async function readOnlyInTwo(
  client: pg.ClientBase,
  first: readonly string[],
  second: readonly string[],
): Promise<{ readonly first: Answers; readonly second: Promise<Answers> }> {
  const answers = await ask(client, [BEGIN, ...first]);
  const rest = ask(client, [...second, 'commit']).then((all) => all.slice(0, -1));
  rest.catch(() => undefined);
  return { first: answers.slice(1), second: rest };
}

async function ask(client: pg.ClientBase, statements: readonly string[]): Promise<Answers> {
  try {
    return (await client.query(statements.join(';\n'))) as unknown as Answers;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
