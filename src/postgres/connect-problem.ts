/**
 * Words for a connection that could not be opened. It sees the driver's error and the address without its password.
 */
import { isProblemError, ProblemError } from '../model/problem.ts';
import { pooledConnectionFrom } from './pooler.ts';
import { classifyError, fieldOf, sqlstateOf } from './sqlstate.ts';

interface Words {
  readonly message: string;
  readonly expected?: string;
  readonly next: string;
}

const WORDS: Readonly<Record<string, Words>> = {
  'database-host-unknown': {
    message: 'the host of the database URL is not known',
    next: 'check the host name in the URL',
  },
  'database-unreachable': {
    message: 'no PostgreSQL server answers at this address',
    next: 'check host and port in the URL, and that the server is up and lets this machine in',
  },
  'database-auth-failed': {
    message: 'the server refused the user or password of the URL',
    next: "check user and password in the URL and the server's pg_hba.conf",
  },
  'database-missing': {
    message: 'the database of the URL does not exist',
    next: 'create it, or correct the name at the end of the URL',
  },
  'database-starting': {
    message: 'the server is starting or shutting down',
    next: 'wait until it accepts connections, then run the same command again',
  },
  'database-tls': {
    message: 'no encrypted connection could be made',
    next: "check sslmode and certificates in the URL against the server's settings",
  },
  'too-many-connections': {
    message: 'the server has no connection left',
    next: 'end connections that are not needed, then run the same command again',
  },
  'connection-lost': {
    message: 'the connection ended while it was being opened',
    next: 'check that a PostgreSQL server listens at this address, then run the same command again',
  },
};

const OTHER: Words = { message: 'the connection could not be opened', next: 'correct the URL or the server settings' };

/** Turns anything thrown while connecting into a ProblemError. `address` is `user@host:port/database`. */
export function connectProblem(error: unknown, address: string): ProblemError {
  if (isProblemError(error)) return error;
  const special = pooledConnectionFrom(error) ?? tooOld(error);
  if (special) return special;
  const { retry, code } = classifyError(error);
  const sqlstate = sqlstateOf(error);
  return new ProblemError(
    {
      code: code === 'database-error' ? 'database-connect-failed' : code,
      ...(WORDS[code] ?? OTHER),
      found: `${address}: ${driverText(error)}`,
      retry,
      ...(sqlstate ? { sqlstate } : {}),
    },
    { cause: error },
  );
}

function tooOld(error: unknown): ProblemError | undefined {
  if (!/client_connection_check_interval/.test(fieldOf(error, 'message') ?? '')) return undefined;
  return new ProblemError({
    code: 'server-too-old',
    message: 'this PostgreSQL server is too old',
    found: 'a server without client_connection_check_interval',
    expected: 'PostgreSQL 14 or newer',
    next: 'upgrade the server',
  });
}

/** Drivers put several addresses' failures into one error without a text of its own. */
function driverText(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(driverText).join('; ');
  return error instanceof Error ? error.message : String(error);
}
