/** The words for dumps that are of something else, or older than their files. */
import { formatDuration } from '../../../model/duration.ts';
import type { ProblemInput } from '../../../model/problem.ts';

const TAKE_ONE = 'take a dump of this database (`backup`), and retry this item';

export function otherDatabase(name: string, found: readonly string[], database: string): ProblemInput {
  return {
    code: 'dump-archive-of-another-database',
    message: `the dump ${name} is of another database`,
    found: `a dump of ${found.join(', ')}`,
    expected: `a dump of ${database}`,
    next: `name the dumps of ${database} in backups.archives, or ${TAKE_ONE}`,
  };
}

export function otherSystem(name: string, found: string, expected: string): ProblemInput {
  return {
    code: 'dump-archive-of-another-system',
    message: `the dump ${name} is of a database of the same name elsewhere`,
    found,
    expected: `${expected}, the database that is migrated`,
    next: TAKE_ONE,
  };
}

export function sidecarUnfit(name: string, why: string): ProblemInput {
  return {
    code: 'dump-sidecar-unfit',
    message: `the sidecar beside ${name} does not fit the dump`,
    found: why,
    expected: 'the sidecar that was written with this dump, or none',
    next: `do not trust this dump: ${TAKE_ONE}`,
  };
}

export function namesNone(name: string, database: string): ProblemInput {
  return {
    code: 'dump-archive-names-no-database',
    message: `the dump ${name} does not say which database it is of`,
    found: 'a script without \\connect',
    expected: `a dump that names ${database}`,
    next: 'take dumps in the custom format (pg_dump --format=custom, or `backup`), and retry this item',
  };
}

interface Begun {
  readonly at: Date;
  readonly by: string;
  readonly ageMs: number;
  readonly maxAgeMs: number;
}

export function begunTooLongAgo(name: string, { at, by, ageMs, maxAgeMs }: Begun): ProblemInput {
  return {
    code: 'dump-archive-stale',
    message: `the dump ${name} is too old`,
    found: `begun ${formatDuration(ageMs)} ago, at ${at.toISOString()}, by ${by}`,
    expected: `a dump of the last ${formatDuration(maxAgeMs)}`,
    next: `${TAKE_ONE}; where pg_dump runs in another time zone, give it this machine's by TZ`,
  };
}

export function begunInTheFuture(name: string, { at, by, ageMs }: Begun): ProblemInput {
  return {
    code: 'dump-archive-from-the-future',
    message: `the dump ${name} was begun at a time that is still to come`,
    found: `${at.toISOString()}, by ${by}, ${formatDuration(-ageMs)} ahead of this machine`,
    expected: 'clocks that agree',
    next: `set the clocks right, or ${TAKE_ONE}`,
  };
}
