/** A consumer that reads in a database whether it may work: statements pause and resume it, and one says whether it has stopped. */
import type pg from 'pg';
import type { Consumer } from '../../model/consumer.ts';
import { ProblemError } from '../../model/problem.ts';
import { problemFromPg } from '../../postgres/problem-from-pg.ts';
import type { ConsumerAccess, ConsumerControl, Look } from './control.ts';
import { onDatabaseOf } from './database.ts';

type SqlConsumer = Extract<Consumer, { kind: 'sql' }>;

export function sqlControl(consumer: SqlConsumer, access: ConsumerAccess): ConsumerControl {
  const run = (what: 'pause' | 'resume' | 'status') =>
    onDatabaseOf(consumer, access, ({ client }) =>
      client.query({ text: consumer[what], rowMode: 'array' }).catch((error: unknown) => {
        throw new ProblemError(problemFromPg(error, words(consumer.name, what)), { cause: error });
      }),
    );
  return {
    look: async () => lookIn(await run('status')),
    pause: async () => void (await run('pause')),
    resume: async () => void (await run('resume')),
  };
}

function words(name: string, what: string) {
  return {
    doing: `"${what}" of the consumer ${name}`,
    code: 'consumer-sql-failed',
    next: `correct "${what}" of the consumer ${name} in drydock.yaml, or the rights of its role`,
  };
}

/** Several statements give an array of results; the last one tells. */
function lookIn(result: pg.QueryArrayResult | pg.QueryArrayResult[]): Look {
  const last = Array.isArray(result) ? result.at(-1) : result;
  const value = last?.rows.length === 1 && last.rows[0]?.length === 1 ? (last.rows[0][0] as unknown) : undefined;
  if (value === true) return { kind: 'stopped', said: 'its status is true' };
  if (value === false) return { kind: 'running', said: 'its status is false' };
  return { kind: 'neither', said: 'its status is not one row with one boolean' };
}
