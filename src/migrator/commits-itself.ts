/** Tells a block that commits by itself from one that failed: in a transaction of ours, PostgreSQL refuses to end it. */
import { driverErrorOf, sqlstateOf } from '../postgres/sqlstate.ts';

const INVALID_TRANSACTION_TERMINATION = '2D000';

export function isOwnCommit(error: unknown): boolean {
  return sqlstateOf(driverErrorOf(error)) === INVALID_TRANSACTION_TERMINATION;
}

/** For `catch`. Errors: the given one, where it is another. */
export function unlessCommitsItself(error: unknown): 'commits itself' {
  if (isOwnCommit(error)) return 'commits itself';
  throw error;
}
