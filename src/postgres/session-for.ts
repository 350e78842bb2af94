/** A session for the time of one piece of work: closed on every path, and cut where the work is told to stop. */
import { interrupted } from './clock.ts';
import { type ConnectOptions, connect, type Session } from './connect.ts';

/** Errors: those of `connect` and of the work, `interrupted` where the signal ended it. */
export async function sessionFor<T>(
  options: ConnectOptions,
  signal: AbortSignal | undefined,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw interrupted();
  const session = await connect(options);
  const onAbort = (): void => void session.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await work(session);
  } catch (error) {
    throw signal?.aborted ? interrupted() : error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await session.close();
  }
}
