/** The words for dumps that are missing, old or broken, each with the way out. */
import { formatDuration } from '../model/duration.ts';
import type { ProblemInput } from '../model/problem.ts';
import type { ArchiveFile } from './archive-files.ts';
import type { ArchiveReading } from './archive-reading.ts';

/** Times of files may run ahead of this machine by this much. */
const CLOCK_SKEW_MS = 60_000;

export interface Age {
  readonly ageMs: number;
  readonly maxAgeMs: number;
}

export function refusal(name: string, file: ArchiveFile, { ageMs, maxAgeMs }: Age): ProblemInput | undefined {
  const again = 'take a dump (pg_dump --format=custom --file=… of this database), and retry this item';
  if (file.bytes === 0) {
    return { code: 'dump-archive-empty', message: `the newest dump, ${name}, is empty`, found: '0 bytes', next: again };
  }
  if (ageMs < -CLOCK_SKEW_MS) {
    return {
      code: 'dump-archive-from-the-future',
      message: `the newest dump, ${name}, carries a time that is still to come`,
      found: `${file.modifiedAt.toISOString()}, ${formatDuration(-ageMs)} ahead of this machine`,
      expected: 'clocks that agree',
      next: 'set the clocks right, or take a new dump, and retry this item',
    };
  }
  if (ageMs <= maxAgeMs) return undefined;
  return {
    code: 'dump-archive-stale',
    message: `the newest dump, ${name}, is too old`,
    found: `written ${formatDuration(ageMs)} ago`,
    expected: `a dump of the last ${formatDuration(maxAgeMs)}`,
    next: again,
  };
}

export function notWhole(name: string, reading: Exclude<ArchiveReading, { kind: 'whole' }>): ProblemInput {
  const found = `${reading.format}: ${reading.reason}`;
  if (reading.kind === 'damaged') {
    return {
      code: 'dump-archive-damaged',
      message: `the newest dump, ${name}, cannot be read to its end`,
      found,
      expected: 'a dump that can be restored',
      next: 'take a new dump, and retry this item; if a dump is being written right now, wait for it',
    };
  }
  return {
    code: 'dump-archive-unverified',
    message: `the newest dump, ${name}, could not be verified`,
    found,
    expected: 'a dump that is read to its end here',
    next: reading.next,
  };
}

export function noPatterns(target: string): ProblemInput {
  return {
    code: 'dump-archives-not-named',
    message: `the target ${target} does not say where its dumps are`,
    found: 'backups.archives is empty',
    expected: 'patterns such as /backups/communication/*.dump',
    next: `add backups: { archives: [...] } to ${target} in drydock.yaml`,
  };
}

export function nothingFound(archives: readonly string[]): ProblemInput {
  return {
    code: 'dump-archives-none',
    message: 'no dump was found',
    found: `nothing matches ${archives.join(', ')}`,
    expected: 'a dump of this database',
    next: 'take a dump (pg_dump --format=custom --file=… of this database), or correct backups.archives in drydock.yaml',
  };
}
