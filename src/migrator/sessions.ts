/** The connections of one migrator: a read-only one for questions, one for work; each opened when it is first asked for. */
import type pg from 'pg';
import { applicationName, ownerApplicationName } from '../postgres/application-name.ts';
import { type ConnectOptions, connect, type Session } from '../postgres/connect.ts';
import { preflight } from '../postgres/preflight.ts';
import { sqlstateOf } from '../postgres/sqlstate.ts';
import { type FirstLook, firstLookIn, firstLookSql } from './first-look.ts';
import type { Owner } from './work.ts';

export interface SessionsOptions {
  readonly url: string;
  readonly owner: Owner;
  readonly schemas: readonly string[];
  readonly ledgerSchema: string;
  readonly claim: { readonly kind: 'standalone' | 'run' };
  /** Of the session for work. */
  readonly lockTimeoutMs: number;
}

export interface Sessions {
  /** How they are opened, for a further connection beside them. */
  readonly connection: ConnectOptions;
  /** Read-only by the database's own enforcement. */
  read(): Promise<Session>;
  /** The same, with the answer to one statement: in the message of the greeting where this is what opens it. */
  readAsking(statement: string): Promise<{ readonly session: Session; readonly answer: pg.QueryResult }>;
  /** Looked over by the preflight. The first look has taken locks, so it is given to one asker only. */
  migrate(): Promise<WorkSession>;
  close(): Promise<void>;
  /** As `close`, for a process that has nothing left to do: it does not wait. */
  leave(): void;
}

export interface WorkSession {
  readonly session: Session;
  readonly look: FirstLook | null;
}

export function openSessions(options: SessionsOptions): Sessions {
  const { url, owner, lockTimeoutMs } = options;
  const connection: ConnectOptions = { url, applicationName: nameOf(owner) };
  let read: Promise<Session> | undefined;
  let migrate: Promise<Session> | undefined;
  let look: FirstLook | null = null;
  const openMigrate = async (): Promise<Session> => {
    const opened = await openForWork({ ...connection, purpose: 'migrate', limits: { lockTimeoutMs } }, options);
    look = opened.look;
    return opened.session;
  };
  return {
    connection,
    read: () => {
      read ??= connect({ ...connection, purpose: 'read' });
      return read;
    },
    readAsking: async (statement) => {
      if (!read) {
        read = connect({ ...connection, purpose: 'read', ask: () => statement });
        const session = await read.catch((error: unknown) => {
          read = undefined;
          if (!isOfStatement(error)) throw error;
        });
        if (session) return { session, answer: session.answers[0]! };
      }
      read ??= connect({ ...connection, purpose: 'read' });
      const session = await read;
      return { session, answer: await session.client.query(statement) };
    },
    migrate: async () => {
      migrate ??= openMigrate();
      const given = { session: await migrate, look };
      look = null;
      return given;
    },
    leave: () => {
      for (const session of [read, migrate]) session?.then((open) => open.leave()).catch(() => undefined);
    },
    close: async () => {
      for (const session of await Promise.allSettled([read, migrate])) {
        if (session.status === 'fulfilled') await session.value?.close();
      }
    },
  };
}

/** Of the statement and not of connecting, such as a right that is missing: to be asked again, and told as what it is. */
function isOfStatement(error: unknown): boolean {
  return /^42/.test(sqlstateOf((error as Error).cause) ?? '');
}

function nameOf({ attemptOf, appliedBy }: Owner): string {
  return attemptOf === undefined ? applicationName(`drydock:cli:${appliedBy}`) : ownerApplicationName(attemptOf);
}

async function openForWork(connection: ConnectOptions, options: SessionsOptions): Promise<WorkSession> {
  // A run holds its own claim, and may have to end an earlier attempt of itself before it gets the lock.
  if (options.claim.kind === 'run') return { session: await lookedOver(connection, options), look: null };
  const ask = (greetedAs: number) => firstLookSql(options, greetedAs);
  const session = await connect({ ...connection, writing: 'as-configured', ask });
  try {
    return { session, look: firstLookIn(session.answers, options) };
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function lookedOver(connection: ConnectOptions, { schemas }: SessionsOptions): Promise<Session> {
  const session = await connect(connection);
  try {
    await preflight(session.client, { schemas, session: 'run' });
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}
