/** A session for the time of one check: closed on every path, and cut when the check is told to stop. */
import type { ConnectOptions, Session } from '../postgres/connect.ts';
import { sessionFor } from '../postgres/session-for.ts';
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
  const applicationName = `${OWN_APPLICATION}:check:${doing}`;
  return sessionFor({ url, applicationName, purpose: 'check', ...(writing ? { writing } : {}) }, signal, work);
}
