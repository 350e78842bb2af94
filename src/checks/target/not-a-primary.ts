/** The words for a URL that leads to a replica. */
import type { ProblemInput } from '../../model/problem.ts';

export const DATABASE_IS_REPLICA: ProblemInput = {
  code: 'database-is-replica',
  message: 'this server is a replica',
  found: 'pg_is_in_recovery() is true: it replays another server and takes no writes',
  expected: 'the primary',
  next: 'put the URL of the primary where the target finds its URL, and retry this item',
};
