/**
 * Opens one session on a database: limits as start-up options, a name that others can recognise it by, and every way in
 * which connecting can fail as a Problem without the password. It never reconnects: who needs that asks again.
 */
import pg from 'pg';
import { applicationName } from './application-name.ts';
import { connectProblem } from './connect-problem.ts';
import { describeDatabaseUrl, parseDatabaseUrl } from './database-url.ts';
import { type SessionLimits, type SessionPurpose, startupOptions, type Writing } from './limits.ts';
import { refusePooledConnection } from './pooler.ts';

export interface ConnectOptions {
  /** `postgres://user:password@host:port/database`; its `options` are kept, ours win where both say something. */
  readonly url: string;
  /** Shown in pg_stat_activity; cut to 63 bytes. Migrators use `drydock:<owner>`. */
  readonly applicationName: string;
  /** Default `migrate`. */
  readonly purpose?: SessionPurpose;
  /** Default 10 000 ms. */
  readonly connectTimeoutMs?: number;
  readonly limits?: Partial<SessionLimits>;
  /** Default `always`, except for `read`. */
  readonly writing?: Writing;
  /**
   * SQL to be sent with the first question, in the same message; made with the pid that the connection was greeted with. Behind
   * a pooler another backend runs it, and keeps whatever a session would: locks are only taken where pg_backend_pid() is that one.
   */
  readonly ask?: (greetedAs: number) => string;
}

export interface Session {
  readonly client: pg.Client;
  /** The backend's process id. */
  readonly pid: number;
  /** As `server_version_num`: 150018 is 15.18. */
  readonly serverVersion: number;
  /** `user@host:port/database`, safe to print. */
  readonly describe: string;
  /** The results of `ask`, one for each of its statements. */
  readonly answers: readonly pg.QueryResult[];
  /** Ends the session; never throws and never hangs on a connection that is gone. */
  close(): Promise<void>;
  /** Says goodbye and does not wait for the server's end of it: for a process that has nothing left to do. */
  leave(): void;
}

/** Oldest server that has `client_connection_check_interval`. */
export const OLDEST_SERVER_VERSION = 140_000;

const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Connects and proves that the connection is direct (no pooler).
 * Errors: `database-url-invalid`, `database-host-unknown`, `database-unreachable`, `database-auth-failed`, `database-missing`,
 * `database-starting`, `database-tls`, `too-many-connections`, `pooled-connection`, `server-too-old`.
 */
export async function connect(options: ConnectOptions): Promise<Session> {
  parseDatabaseUrl(options.url);
  const describe = describeDatabaseUrl(options.url);
  const client = createClient(options, describe);
  try {
    await client.connect();
    const known = await identify(client, options.ask);
    return { client, ...known, describe, close: () => closeClient(client), leave: () => leave(client) };
  } catch (error) {
    destroy(client);
    throw connectProblem(error, describe);
  }
}

function createClient(options: ConnectOptions, describe: string): pg.Client {
  try {
    const client = new pg.Client({
      connectionString: options.url,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
    });
    // Set after construction because what stands in a URL would win over the options of the constructor.
    const parameters = parametersOf(client);
    parameters.application_name = applicationName(options.applicationName);
    const { purpose = 'migrate', limits = {}, writing } = options;
    parameters.options = startupOptions(purpose, limits, parameters.options ?? '', writing);
    // Without a listener a dropped connection would end the process; the next query reports the loss by itself.
    client.on('error', () => undefined);
    return client;
  } catch (error) {
    throw connectProblem(error, describe);
  }
}

const IDENTITY = `select pg_backend_pid() as pid, current_setting('server_version_num')::int as version`;

async function identify(
  client: pg.Client,
  ask: ConnectOptions['ask'],
): Promise<Pick<Session, 'pid' | 'serverVersion' | 'answers'>> {
  // No backend has the pid -1.
  const text = ask === undefined ? IDENTITY : `${IDENTITY};\n${ask(protocolPid(client) ?? -1)}`;
  const result = (await client.query(text)) as pg.QueryResult | pg.QueryResult[];
  const [identity, ...answers] = Array.isArray(result) ? result : [result];
  const { pid, version } = identity!.rows[0] as { pid: number; version: number };
  refusePooledConnection(pid, protocolPid(client));
  return { pid, serverVersion: version, answers };
}

async function closeClient(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => destroy(client), CLOSE_TIMEOUT_MS);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}

/** What was sent goes out also when the process ends now. */
function leave(client: pg.Client): void {
  client.end().catch(() => undefined);
  internals(client).connection?.stream?.unref();
}

interface Internals {
  connectionParameters: { application_name?: string; options?: string };
  processID: number | null;
  connection?: { stream?: { destroy(): void; unref(): void } };
}

const internals = (client: pg.Client): Internals => client as unknown as Internals;
const parametersOf = (client: pg.Client) => internals(client).connectionParameters;
const protocolPid = (client: pg.Client) => internals(client).processID;
const destroy = (client: pg.Client) => internals(client).connection?.stream?.destroy();
