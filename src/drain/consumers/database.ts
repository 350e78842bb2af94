/** A session on the database where a consumer can be reached: the target's own, or the one that the consumer names. */
import type { SecretRef } from '../../model/secret-ref.ts';
import { interrupted } from '../../postgres/clock.ts';
import { connect, type Session } from '../../postgres/connect.ts';
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
  if (signal?.aborted) throw interrupted();
  const session = await connect({
    url: consumer.url ? await secret(consumer.url) : url,
    applicationName: `drydock:consumer:${consumer.name}`,
    purpose: 'check',
    limits: { statementTimeoutMs: consumer.timeoutMs },
  });
  const onAbort = (): void => void session.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    // Traffic may be held by making sessions read-only; this one is to let go.
    await session.client.query('set default_transaction_read_only = off');
    return await work(session);
  } catch (error) {
    throw signal?.aborted ? interrupted() : error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await session.close();
  }
}
