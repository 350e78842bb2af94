/** Runs a query that an AbortSignal can end: the server is told to cancel it, and the caller hears only once it has ended. */
import type pg from 'pg';
import { interrupted } from './clock.ts';
import { type ConnectOptions, connect } from './connect.ts';

export interface Cancellation {
  /** How to reach the server a second time. */
  readonly connection: ConnectOptions;
  /** The backend that runs the query. */
  readonly pid: number;
  readonly signal?: AbortSignal;
}

const CANCEL_TIMEOUT_MS = 2_000;

/**
 * `run` starts the query and settles with it. Errors: those of the query; `interrupted` where the signal ended it or had been
 * aborted before. A query that finishes in spite of the signal counts as finished.
 */
export async function cancellable<T>(client: pg.Client, how: Cancellation, run: () => Promise<T>): Promise<T> {
  const { signal } = how;
  if (!signal) return run();
  if (signal.aborted) throw interrupted();
  const onAbort = () => void cancel(client, how);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await run();
  } catch (error) {
    throw signal.aborted ? interrupted() : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Asks the server; where it cannot be asked, cuts the connection, which the server notices within a second. */
async function cancel(client: pg.Client, how: Cancellation): Promise<void> {
  try {
    const session = await connect({ ...how.connection, purpose: 'read', connectTimeoutMs: CANCEL_TIMEOUT_MS });
    await session.client.query('select pg_cancel_backend($1)', [how.pid]);
    await session.close();
  } catch {
    void client.end().catch(() => undefined);
  }
}
