/** Begins a transaction that writes also where sessions have been made read-only. A replica has none, and it is said in words of ours. */
import type pg from 'pg';
import { ProblemError } from '../model/problem.ts';
import { sqlstateOf } from './sqlstate.ts';

/** What a replica answers to READ WRITE, as "feature not supported": BEGIN has no other reason for it. */
const IN_RECOVERY = '0A000';

/** Error: `database-is-replica`; those of the connection. */
export async function beginWriting(client: pg.ClientBase): Promise<void> {
  try {
    await client.query('begin isolation level read committed read write');
  } catch (error) {
    throw sqlstateOf(error) === IN_RECOVERY ? replica(error) : error;
  }
}

function replica(cause: unknown): ProblemError {
  return new ProblemError(
    {
      code: 'database-is-replica',
      message: 'this server is a replica',
      found: 'it replays another server and takes no writes',
      expected: 'the primary',
      next: 'put the URL of the primary where the target finds its URL, or promote this one',
      sqlstate: IN_RECOVERY,
    },
    { cause },
  );
}
