/** The connections of one migrator: a read-only one for questions, one for work; each opened when it is first asked for. */
import { applicationName, ownerApplicationName } from '../postgres/application-name.ts';
import { type ConnectOptions, connect, type Session } from '../postgres/connect.ts';
import { preflight } from '../postgres/preflight.ts';
import type { Owner } from './work.ts';

export interface SessionsOptions {
  readonly url: string;
  readonly owner: Owner;
  readonly schemas: readonly string[];
  /** Of the session for work. */
  readonly lockTimeoutMs: number;
}

export interface Sessions {
  /** How they are opened, for a further connection beside them. */
  readonly connection: ConnectOptions;
  /** Read-only by the database's own enforcement. */
  read(): Promise<Session>;
  /** Looked over by the preflight. */
  migrate(): Promise<Session>;
  close(): Promise<void>;
}

export function openSessions({ url, owner, schemas, lockTimeoutMs }: SessionsOptions): Sessions {
  const connection: ConnectOptions = { url, applicationName: nameOf(owner) };
  let read: Promise<Session> | undefined;
  let migrate: Promise<Session> | undefined;
  return {
    connection,
    read: () => {
      read ??= connect({ ...connection, purpose: 'read' });
      return read;
    },
    migrate: () => {
      migrate ??= openForWork({ ...connection, purpose: 'migrate', limits: { lockTimeoutMs } }, schemas);
      return migrate;
    },
    close: async () => {
      for (const session of await Promise.allSettled([read, migrate])) {
        if (session.status === 'fulfilled') await session.value?.close();
      }
    },
  };
}

function nameOf({ attemptOf, appliedBy }: Owner): string {
  return attemptOf === undefined ? applicationName(`drydock:cli:${appliedBy}`) : ownerApplicationName(attemptOf);
}

async function openForWork(connection: ConnectOptions, schemas: readonly string[]): Promise<Session> {
  const session = await connect(connection);
  try {
    await preflight(session.client, { schemas, session: 'migrate' });
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}
