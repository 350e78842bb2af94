/** What the server says about its WAL archiver: its settings, and how its last tries went. */
import type pg from 'pg';

export interface ArchiverState {
  /** `off`, `on`, `always`. */
  readonly mode: string;
  /** Whether there is something that archives: a command, or since 15 a library. Null where this role may not see it. */
  readonly hasArchiver: boolean | null;
  readonly archivedCount: number;
  readonly lastArchivedWal: string | null;
  readonly lastArchivedAt: Date | null;
  readonly failedCount: number;
  readonly lastFailedWal: string | null;
  readonly lastFailedAt: Date | null;
  /** The server's own time. */
  readonly now: Date;
}

const STATE = `
  select current_setting('archive_mode') as mode,
         (select bool_or(setting not in ('', '(disabled)')) from pg_settings
           where name in ('archive_command', 'archive_library')) as "hasArchiver",
         archived_count::int as "archivedCount", last_archived_wal as "lastArchivedWal", last_archived_time as "lastArchivedAt",
         failed_count::int as "failedCount", last_failed_wal as "lastFailedWal", last_failed_time as "lastFailedAt",
         clock_timestamp() as now
    from pg_stat_archiver`;

export async function readArchiver(client: pg.Client): Promise<ArchiverState> {
  const { rows } = await client.query<ArchiverState>(STATE);
  return rows[0]!;
}

/** What the server has closed and its archiver has still to archive. */
export interface ArchiveQueue {
  readonly segments: number;
  /** How long the first of them has waited, on the server's clock; null where none waits. */
  readonly oldestForMs: number | null;
}

const QUEUE = `
  select count(*)::int as segments,
         extract(epoch from clock_timestamp() - min(modification))::float8 * 1000 as "oldestForMs"
    from pg_ls_archive_statusdir() where name like '%.ready'`;

/** Null where this role may not look. */
export async function archiveQueue(client: pg.Client): Promise<ArchiveQueue | null> {
  try {
    const { rows } = await client.query<ArchiveQueue>(QUEUE);
    return rows[0]!;
  } catch (error) {
    if ((error as { code?: unknown }).code === '42501') return null;
    throw error;
  }
}

/** True where its last try failed. */
export function isFailing({ lastFailedAt, lastArchivedAt }: ArchiverState): boolean {
  return lastFailedAt !== null && (lastArchivedAt === null || lastFailedAt > lastArchivedAt);
}

/** The archiver tries a segment three times before it rests: then it is not a hiccup. */
const TRIES = 3;

/** True where it has failed often enough since `before` to rest now. */
export function hasGivenUp(state: ArchiverState, before: ArchiverState): boolean {
  return isFailing(state) && state.failedCount >= before.failedCount + TRIES;
}

/** Milliseconds since the last segment was archived, on the server's clock; undefined where none ever was. */
export function archivedAgoMs({ now, lastArchivedAt }: ArchiverState): number | undefined {
  return lastArchivedAt === null ? undefined : Math.max(0, now.getTime() - lastArchivedAt.getTime());
}

/**
 * Writes a restore point and closes its segment, so that there is something to archive: `pg_switch_wal` alone does nothing
 * on an idle server. Gives the segment's file name; null where this role may not do it.
 */
export async function forceSegment(client: pg.Client, restorePoint: string): Promise<string | null> {
  try {
    const { rows } = await client.query<{ segment: string }>(
      `select pg_walfile_name(pg_create_restore_point($1)) as segment`,
      [restorePoint],
    );
    await client.query('select pg_switch_wal()');
    return rows[0]!.segment;
  } catch (error) {
    if ((error as { code?: unknown }).code === '42501') return null;
    throw error;
  }
}

/** True once `segment`, or something after it on whatever timeline, is archived. The archiver goes by the names in order. */
export function hasArrived({ lastArchivedWal }: ArchiverState, segment: string): boolean {
  // A segment, or the label of a base backup, which is named after one. The first eight digits are the timeline.
  const last = /^[0-9A-F]{8}([0-9A-F]{16})/.exec(lastArchivedWal ?? '')?.[1];
  return last !== undefined && last >= segment.slice(8);
}
