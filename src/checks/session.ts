/** A session for the time of one check: closed on every path, and cut when the check is told to stop. */
import { interrupted } from '../postgres/clock.ts';
import { connect, type Session } from '../postgres/connect.ts';
import type { CheckContext } from './context.ts';

/** The start of every application name of ours: sessions that carry it are never counted as traffic. */
export const OWN_APPLICATION = 'drydock';

/** Errors: those of `connect`, those of `work`, `interrupted` where the signal ended it. */
export async function withSession<T>(
  context: Pick<CheckContext, 'url' | 'signal'>,
  doing: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { url, signal } = context;
  if (signal?.aborted) throw interrupted();
  const session = await connect({ url, applicationName: `${OWN_APPLICATION}:check:${doing}`, purpose: 'check' });
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
