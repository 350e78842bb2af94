/**
 * Counts in the server's own log, as far as it can be read through SQL: errors that no other place tells of. What stands in the
 * log is looked through for these and forgotten; nothing of it is kept or shown.
 */
import type pg from 'pg';
import { sqlstateOf } from '../../postgres/sqlstate.ts';

export type ServerLog =
  | { readonly kind: 'readable'; readonly path: string; readonly position: number }
  /** `why` is half a sentence. */
  | { readonly kind: 'unreadable'; readonly why: string };

export interface LogCounts {
  /** `cached plan must not change result type`. */
  readonly cachedPlans: number;
  readonly errors: number;
  /** Written faster than it is read here. */
  readonly skippedBytes: number;
}

export const NOTHING_COUNTED: LogCounts = { cachedPlans: 0, errors: 0, skippedBytes: 0 };

/** Of one look, once a second. */
const READ_AT_MOST_BYTES = 1_048_576;
/** A line that is cut at the end of one look is whole in the next. */
const OVERLAP_BYTES = 200;

const WHERE = `select pg_current_logfile() as path, current_setting('lc_messages') as language`;
const SIZE = 'select (pg_stat_file($1, true)).size::float8 as size';
const READ = 'select pg_read_binary_file($1, $2::bigint, $3::bigint, true) as bytes';

/** Where it ends at this moment. Never throws for missing rights: they are an answer. */
export async function openServerLog(client: pg.Client): Promise<ServerLog> {
  try {
    const { path, language } = (await client.query<{ path: string | null; language: string }>(WHERE)).rows[0]!;
    if (path === null) return unreadable('the server does not collect it in a file (logging_collector)');
    if (!/^(C|POSIX|en)?($|[._-])/i.test(language)) return unreadable(`it is written in ${language}`);
    return { kind: 'readable', path, position: await sizeOf(client, path) };
  } catch (error) {
    if (sqlstateOf(error) === '42501')
      return unreadable('this role may not read it (pg_monitor and pg_read_server_files)');
    if (sqlstateOf(error) === undefined) throw error;
    return unreadable(error instanceof Error ? error.message : String(error));
  }
}

function unreadable(why: string): ServerLog {
  return { kind: 'unreadable', why };
}

async function sizeOf(client: pg.Client, path: string): Promise<number> {
  return (await client.query<{ size: number | null }>(SIZE, [path])).rows[0]?.size ?? 0;
}

/** What was written since, and from where to go on. A log that was exchanged meanwhile is read to its end first. */
export async function readOn(
  client: pg.Client,
  log: Extract<ServerLog, { readonly kind: 'readable' }>,
): Promise<{ readonly log: ServerLog; readonly counts: LogCounts }> {
  const { path } = (await client.query<{ path: string | null }>(WHERE)).rows[0]!;
  const rest = await readFrom(client, log.path, log.position);
  if (path === null || path === log.path) return { log: { ...log, position: rest.position }, counts: rest.counts };
  const next = await readFrom(client, path, 0);
  return { log: { kind: 'readable', path, position: next.position }, counts: added(rest.counts, next.counts) };
}

async function readFrom(client: pg.Client, path: string, reached: number) {
  const size = await sizeOf(client, path);
  // After a failover it is another file under the same name.
  const position = size < reached ? 0 : reached;
  const from = Math.max(position, size - READ_AT_MOST_BYTES);
  const before = Math.max(0, from - (from === position ? OVERLAP_BYTES : 0));
  const { rows } = await client.query<{ bytes: Buffer | null }>(READ, [path, before, size - before]);
  const text = (rows[0]?.bytes ?? Buffer.alloc(0)).toString('latin1');
  const counts = countIn(path, text, from - before);
  return { position: size, counts: { ...counts, skippedBytes: from - position } };
}

const CACHED_PLAN = /cached plan must not change result type/g;
const ERROR_IN = { csv: /,ERROR,[0-9A-Z]{5},/g, json: /"error_severity":"ERROR"/g, log: /\bERROR: {2}/g };

/** What ended in the overlap was counted the time before. */
export function countIn(path: string, text: string, overlap: number): Omit<LogCounts, 'skippedBytes'> {
  const format = path.endsWith('.csv') ? 'csv' : path.endsWith('.json') ? 'json' : 'log';
  const counted = (pattern: RegExp): number =>
    [...text.matchAll(pattern)].filter((match) => match.index + match[0].length > overlap).length;
  return { cachedPlans: counted(CACHED_PLAN), errors: counted(ERROR_IN[format]) };
}

export function added(a: LogCounts, b: LogCounts): LogCounts {
  return {
    cachedPlans: a.cachedPlans + b.cachedPlans,
    errors: a.errors + b.errors,
    skippedBytes: a.skippedBytes + b.skippedBytes,
  };
}
