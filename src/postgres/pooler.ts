/**
 * Recognises a connection through a pooler, where session locks, start-up limits and a backend's process id mean nothing.
 */
import { ProblemError } from '../model/problem.ts';
import { fieldOf, sqlstateOf } from './sqlstate.ts';

/** `serverPid` is what pg_backend_pid() says, `protocolPid` what the connection was greeted with. */
export function refusePooledConnection(serverPid: number, protocolPid: number | null): void {
  if (serverPid === protocolPid) return;
  throw pooledConnection(
    `the backend calls itself ${serverPid}, the connection was greeted as ${protocolPid ?? 'nobody'}`,
  );
}

/** The Problem where a pooler refused the start-up parameter `options`; undefined for any other error. */
export function pooledConnectionFrom(error: unknown): ProblemError | undefined {
  const refused = /unsupported startup parameter(?: in options)?: (\S+)/.exec(fieldOf(error, 'message') ?? '');
  if (!refused || sqlstateOf(error) === '42704') return undefined;
  return pooledConnection(`the start-up parameter ${refused[1]} was refused, as PgBouncer does`);
}

function pooledConnection(found: string): ProblemError {
  return new ProblemError({
    code: 'pooled-connection',
    message: 'the URL leads through a connection pooler',
    found,
    expected: 'a direct connection: session locks, limits and the backend that does the work must be ours alone',
    next: "pass the URL of the PostgreSQL server itself (often port 5432) with --url, not the pooler's",
  });
}
