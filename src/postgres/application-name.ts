/**
 * The name a session carries in pg_stat_activity. An earlier attempt of the same owner is recognised by it, so a name that
 * does not fit into PostgreSQL's 63 bytes is shortened in a way that stays distinct.
 */
import { createHash } from 'node:crypto';

const MAX_BYTES = 63;
const DIGEST_LENGTH = 12;

/** What PostgreSQL would make of it: printable ASCII, at most 63 bytes; a longer name keeps its start and gets a digest. */
export function applicationName(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]/g, '?');
  if (ascii === name && ascii.length <= MAX_BYTES) return ascii;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH);
  return `${ascii.slice(0, MAX_BYTES - DIGEST_LENGTH - 1)}~${digest}`;
}

/** The application name of a migrator that works for `owner`. */
export function ownerApplicationName(owner: string): string {
  return applicationName(`drydock:${owner}`);
}
