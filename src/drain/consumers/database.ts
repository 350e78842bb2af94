/** A session on the database where a consumer can be reached: the target's own, or the one that the consumer names. */
import type { SecretRef } from '../../model/secret-ref.ts';
import type { ConnectOptions, Session } from '../../postgres/connect.ts';
import { sessionFor } from '../../postgres/session-for.ts';
import type { ConsumerAccess } from './control.ts';

export interface ConsumerDatabase {
  readonly name: string;
  readonly timeoutMs: number;
  readonly url?: SecretRef;
}

/** Cut when it is told to stop. Errors: those of `connect` and of `work`, `interrupted`. */
export async function onDatabaseOf<T>(
  consumer: ConsumerDatabase,
  { url, secret, signal }: ConsumerAccess,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const options: ConnectOptions = {
    url: consumer.url ? await secret(consumer.url) : url,
    applicationName: `drydock:consumer:${consumer.name}`,
    purpose: 'check',
    limits: { statementTimeoutMs: consumer.timeoutMs },
  };
  return sessionFor(options, signal, async (session) => {
    // Traffic may be held by making sessions read-only; this one is to let go.
    await session.client.query('set default_transaction_read_only = off');
    return work(session);
  });
}
