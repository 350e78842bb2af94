/**
 * The one table that says what a SQLSTATE or a driver error means for us: may the same thing be tried again, and under
 * which code does the operator find it. It decides nothing about when or how often.
 */
import { isProblemError, type RetryClass } from '../model/problem.ts';

/** What an error means: its retry class and the code its Problem carries. */
export interface ErrorClass {
  readonly retry: RetryClass;
  readonly code: string;
}

/** The code of an error that has no row of its own below; callers replace it by one that fits what they were doing. */
export const GENERIC_CODE = 'database-error';

const row = (retry: RetryClass, code: string): ErrorClass => ({ retry, code });

/** By whole SQLSTATE first, then by its class (first two characters). Source: PostgreSQL manual, appendix A. */
const BY_SQLSTATE: Readonly<Record<string, ErrorClass>> = {
  '08': row('retry', 'connection-lost'),
  '08P01': row('stop', 'protocol-violation'),
  '25006': row('stop', 'database-read-only'),
  '25P03': row('retry', 'connection-lost'),
  '25P04': row('retry', 'connection-lost'),
  '28': row('stop', 'database-auth-failed'),
  '3D000': row('stop', 'database-missing'),
  '40001': row('retry', 'serialization-failure'),
  '40003': row('retry', 'connection-lost'),
  '40P01': row('retry', 'deadlock'),
  '42501': row('stop', 'missing-rights'),
  '53': row('stop', 'insufficient-resources'),
  '53100': row('stop', 'disk-full'),
  '53200': row('stop', 'out-of-memory'),
  '53300': row('retry', 'too-many-connections'),
  '55P03': row('retry', 'lock-timeout'),
  '57014': row('stop', 'statement-cancelled'),
  '57P01': row('retry', 'connection-lost'),
  '57P02': row('retry', 'connection-lost'),
  '57P03': row('retry', 'database-starting'),
  '57P05': row('retry', 'connection-lost'),
  '58030': row('stop', 'disk-error'),
  // Raised by our own assertion inside a step's transaction: the claim is another's by now.
  DD001: row('stop', 'claim-lost'),
};

/** Node's and node-postgres' own errors, by `code`. */
const BY_DRIVER_CODE: Readonly<Record<string, ErrorClass>> = {
  ECONNREFUSED: row('retry', 'database-unreachable'),
  'connect ENOENT': row('retry', 'database-unreachable'),
  EHOSTUNREACH: row('retry', 'database-unreachable'),
  ENETUNREACH: row('retry', 'database-unreachable'),
  ETIMEDOUT: row('retry', 'database-unreachable'),
  ECONNRESET: row('retry', 'connection-lost'),
  EPIPE: row('retry', 'connection-lost'),
  EAI_AGAIN: row('retry', 'database-host-unknown'),
  ENOTFOUND: row('stop', 'database-host-unknown'),
};

/** node-postgres says these in words only. */
const BY_DRIVER_MESSAGE: readonly (readonly [RegExp, ErrorClass])[] = [
  [/^timeout expired/, row('retry', 'database-unreachable')],
  [/^Connection terminated|^Client has encountered a connection error/, row('retry', 'connection-lost')],
  [/^Client was closed|^Client is closed/, row('retry', 'connection-lost')],
  [/^Query read timeout/, row('retry', 'connection-lost')],
  [/client password must be a string|SCRAM-SERVER|^SASL/, row('stop', 'database-auth-failed')],
  [/does not support SSL|certificate|TLS/i, row('stop', 'database-tls')],
];

const GENERIC: ErrorClass = row('stop', GENERIC_CODE);

/** The class of a SQLSTATE; an unknown one is `stop` with the generic code. */
export function classifySqlState(sqlstate: string): ErrorClass {
  return BY_SQLSTATE[sqlstate] ?? BY_SQLSTATE[sqlstate.slice(0, 2)] ?? GENERIC;
}

/** The SQLSTATE of an error that the server raised; undefined for errors of the driver or of the network. */
export function sqlstateOf(error: unknown): string | undefined {
  const code = fieldOf(error, 'code');
  return fieldOf(error, 'severity') !== undefined && code !== undefined && /^[0-9A-Z]{5}$/.test(code)
    ? code
    : undefined;
}

/** The class of anything that a connection or a query can throw. */
export function classifyError(error: unknown): ErrorClass {
  const sqlstate = sqlstateOf(error);
  if (sqlstate) return classifySqlState(sqlstate);
  for (const one of flatten(error)) {
    const code = fieldOf(one, 'code') ?? '';
    // A missing socket is a server that is down; a missing certificate file is not.
    const byCode = BY_DRIVER_CODE[code] ?? BY_DRIVER_CODE[`${fieldOf(one, 'syscall')} ${code}`];
    if (byCode) return byCode;
    const text = one instanceof Error ? one.message : String(one);
    const byMessage = BY_DRIVER_MESSAGE.find(([pattern]) => pattern.test(text));
    if (byMessage) return byMessage[1];
  }
  return GENERIC;
}

/** The driver's own error behind a ProblemError; anything else as it is. */
export function driverErrorOf(error: unknown): unknown {
  return isProblemError(error) ? error.cause : error;
}

/** A string field of an unknown error, where it has one. */
export function fieldOf(error: unknown, name: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value = (error as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}

/** Connecting to a name with several addresses fails with an AggregateError without a code of its own use. */
function flatten(error: unknown): readonly unknown[] {
  return error instanceof AggregateError ? [error, ...error.errors] : [error];
}
