/** The words for WAL that is not archived, each with the way out. */
import { formatDuration } from '../model/duration.ts';
import type { ProblemInput } from '../model/problem.ts';
import { type ArchiverState, isFailing } from './archiver-state.ts';

/** How long a closed segment may take to be archived. Below the minute that the archiver rests after three failures. */
export const ARRIVAL_TIMEOUT_MS = 20_000;

export function archivingOff({ mode }: ArchiverState): ProblemInput {
  return {
    code: 'wal-archiving-off',
    message: 'WAL archiving is off: there is no backup to a point in time',
    found: `archive_mode is ${mode}`,
    expected: 'archive_mode on, with an archive_command or archive_library',
    next: 'set archive_mode = on and archive_command, restart the server, take a base backup, and retry this item',
  };
}

export function noArchiver(): ProblemInput {
  return {
    code: 'wal-archiving-off',
    message: 'WAL archiving goes nowhere: there is no backup to a point in time',
    found: 'archive_mode is on, archive_command and archive_library are empty',
    expected: 'an archive_command or archive_library',
    next: 'set archive_command, run SELECT pg_reload_conf(), and retry this item',
  };
}

export function notArrived(segment: string, state: ArchiverState): ProblemInput {
  if (isFailing(state)) return failing(state);
  return {
    code: 'wal-archiving-slow',
    message: 'a WAL segment that was closed now was not archived in time',
    found: `${segment} had not arrived; the last one that did is ${state.lastArchivedWal ?? 'none'}`,
    expected: `within ${formatDuration(ARRIVAL_TIMEOUT_MS)}`,
    next: 'look at the queue of the archiver (pg_ls_archive_statusdir) and at what archive_command does, and retry this item',
  };
}

export function failing(state: ArchiverState): ProblemInput {
  return {
    code: 'wal-archiving-failing',
    message: 'WAL archiving fails: there is no backup to this point in time',
    found: `the last try failed, on ${state.lastFailedWal}; ${state.failedCount} failures counted`,
    expected: 'no failure since the last success',
    next: "read the archiver's error in the server log, mend archive_command, and retry this item",
  };
}

export function tooLongAgo(agoMs: number | undefined, maxAgeMs: number): ProblemInput {
  return {
    code: 'wal-archiving-stale',
    message: 'no WAL segment was archived for too long',
    found: agoMs === undefined ? 'none was ever archived' : `the last one ${formatDuration(agoMs)} ago`,
    expected: `at most ${formatDuration(maxAgeMs)} ago`,
    next: 'GRANT EXECUTE ON FUNCTION pg_create_restore_point(text), pg_switch_wal() to this role so that it is proven on an idle server, and retry this item',
  };
}
