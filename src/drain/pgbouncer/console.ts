/**
 * One session on a pooler's administration admin: nothing that a pooler refuses at the start, no parameters, and a limit on every
 * answer but that of PAUSE, which has none of its own. What is asked is decided elsewhere.
 */
import pg from 'pg';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import { describeDatabaseUrl, parseDatabaseUrl } from '../../postgres/database-url.ts';
import { classifyError, fieldOf } from '../../postgres/sqlstate.ts';

export interface PoolerConsole {
  /** As the driver gives it: numbers as numbers, large ones as text. */
  show(what: string): Promise<readonly Record<string, unknown>[]>;
  /** A command without an answer, such as RESUME. Errors: `pooler-refused`. */
  command(text: string): Promise<void>;
  /** The same, waited for without a limit. End it with `destroy`. */
  commandWithoutLimit(text: string): Promise<void>;
  /** `user@host:port/pgbouncer`. */
  readonly describe: string;
  close(): Promise<void>;
  /** At once, whatever it waits for. */
  destroy(): void;
}

/** What is known of a pooler before it is asked. */
export interface ConsoleAddress {
  /** The pooler's name in its target. */
  readonly name: string;
  /** Of the admin: a secret. */
  readonly url: string;
  /** For connecting and for each answer. Default 5 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;

/** Errors: `pooler-unreachable` (retry), `pooler-auth-failed`. */
export async function openConsole({ name, url, timeoutMs = TIMEOUT_MS }: ConsoleAddress): Promise<PoolerConsole> {
  const describe = describeConsole(name, url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  // Set afterwards, because the URL and the environment would win: a pooler refuses what it does not know.
  Object.assign(internals(client).connectionParameters, { options: undefined, application_name: 'drydock:hold' });
  client.on('error', () => undefined);
  const destroy = (): void => internals(client).connection?.stream?.destroy();
  try {
    await client.connect();
  } catch (error) {
    destroy();
    throw unreachable(name, describe, error);
  }
  const ask = async (text: string): Promise<pg.QueryResult> => {
    try {
      return await client.query(text);
    } catch (error) {
      throw refused({ name, describe, text }, error);
    }
  };
  const askInTime = (text: string) =>
    inTime(ask(text), timeoutMs, () => {
      destroy();
      return unreachable(name, describe, new Error(`no answer to ${text} within ${timeoutMs} ms`));
    });
  return {
    describe,
    show: async (what) => (await askInTime(`SHOW ${what}`)).rows as Record<string, unknown>[],
    command: async (text) => void (await askInTime(text)),
    commandWithoutLimit: async (text) => void (await ask(text)),
    close: () =>
      inTime(client.end(), 1_000, () => undefined)
        .catch(() => undefined)
        .finally(destroy),
    destroy,
  };
}

/** A console for the time of one piece of work. */
export async function withConsole<T>(address: ConsoleAddress, work: (admin: PoolerConsole) => Promise<T>): Promise<T> {
  const opened = await openConsole(address);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

/** As it stands in a command: a pooler folds what is not quoted. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

async function inTime<T>(work: Promise<T>, limitMs: number, onLate: () => Error | undefined): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(onLate()), limitMs);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function describeConsole(name: string, url: string): string {
  try {
    parseDatabaseUrl(url);
    return describeDatabaseUrl(url);
  } catch (error) {
    const found = isProblemError(error) ? error.problem.found : undefined;
    throw new ProblemError({
      code: 'pooler-url-invalid',
      message: `the URL of the pooler ${name} cannot be used`,
      ...(found === undefined ? {} : { found }),
      expected: 'postgres://admin@host:6432/pgbouncer',
      next: `correct the secret that "admin" of ${name} leads to`,
    });
  }
}

function unreachable(name: string, describe: string, error: unknown): ProblemError {
  const { code, retry } = classifyError(error);
  const text =
    error instanceof AggregateError && !error.message ? String(error.errors[0]) : String(fieldOf(error, 'message'));
  const isRefused = code === 'database-auth-failed' || /authentication|password|no such user/i.test(text);
  return new ProblemError(
    {
      code: isRefused ? 'pooler-auth-failed' : 'pooler-unreachable',
      message: isRefused
        ? `the console of the pooler ${name} refused the user or password`
        : `the console of the pooler ${name} does not answer`,
      found: `${describe}: ${text}`,
      expected: isRefused ? "one of the pooler's admin_users" : 'a PgBouncer that listens there',
      next: `check the secret that "admin" of ${name} leads to${isRefused ? ', and admin_users and the auth_file of the pooler' : ', and that the pooler is up'}`,
      retry: isRefused ? 'stop' : code === 'database-error' ? 'retry' : retry,
    },
    { cause: error },
  );
}

interface Asked {
  readonly name: string;
  readonly describe: string;
  readonly text: string;
}

function refused({ name, describe, text }: Asked, error: unknown): ProblemError {
  const message = String(fieldOf(error, 'message'));
  if (fieldOf(error, 'severity') === undefined) return unreachable(name, describe, error);
  const lacksRights = /admin access needed|not allowed/i.test(message);
  return new ProblemError(
    {
      code: lacksRights ? 'pooler-rights-missing' : 'pooler-refused',
      message: `the pooler ${name} refused ${text.split(' ')[0]}`,
      found: `${describe}: ${message}`,
      ...(lacksRights ? { expected: "one of the pooler's admin_users; stats_users may only look" } : {}),
      next: lacksRights
        ? `add the user to admin_users of ${name} and reload it`
        : `look at the pooler ${name}: SHOW DATABASES`,
    },
    { cause: error },
  );
}

interface Internals {
  connectionParameters: object;
  connection?: { stream?: { destroy(): void } };
}

const internals = (client: pg.Client): Internals => client as unknown as Internals;
