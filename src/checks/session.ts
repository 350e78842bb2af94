/** A session for the time of one check: closed on every path, and cut when the check is told to stop. */
import { interrupted } from '../postgres/clock.ts';
import { type ConnectOptions, connect, type Session } from '../postgres/connect.ts';
import type { CheckContext } from './context.ts';

/** The start of every application name of ours: sessions that carry it are never counted as traffic. */
export const OWN_APPLICATION = 'drydock';

/** Errors: those of `connect`, those of `work`, `interrupted` where the signal ended it. */
export async function withSession<T>(
  context: Pick<CheckContext, 'url' | 'signal'> & Pick<ConnectOptions, 'writing'>,
  doing: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { url, signal, writing } = context;
  if (signal?.aborted) throw interrupted();
  const applicationName = `${OWN_APPLICATION}:check:${doing}`;
  const session = await connect({ url, applicationName, purpose: 'check', ...(writing ? { writing } : {}) });
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
