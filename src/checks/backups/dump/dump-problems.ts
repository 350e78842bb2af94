/** The words for dumps that could not be taken, each with the way out. */
import { ProblemError } from '../../../model/problem.ts';

export function noPgDump(major: number, onPath: string | null): ProblemError {
  return new ProblemError({
    code: 'pg-dump-missing',
    message: 'there is no pg_dump on this machine that can read the server',
    found: onPath === null ? 'no pg_dump' : `${onPath}, which refuses a newer server`,
    expected: `pg_dump ${major} or newer`,
    next: `install the PostgreSQL ${major} client programs (Debian: postgresql-client-${major}), then run the same command again`,
  });
}

export function dumpFailed(program: string, said: string): ProblemError {
  const refused = /permission denied|row-level security/.test(said);
  return new ProblemError({
    code: 'dump-failed',
    message: 'the dump could not be taken; nothing was kept of it',
    found: said === '' ? `${program} said nothing` : said,
    next: refused
      ? 'take it as a role that may read everything (GRANT pg_read_all_data TO …, BYPASSRLS, or the owner), by the same command again'
      : 'mend what is named above, then run the same command again',
  });
}

export function dumpDamaged(reason: string): ProblemError {
  return new ProblemError({
    code: 'dump-damaged',
    message: 'the dump that was taken cannot be read to its end; nothing was kept of it',
    found: reason,
    expected: 'a dump that pg_restore reads to its end',
    next: 'look at the disk that it was written to, then run the same command again',
  });
}

export function notWritten(directory: string, error: unknown): ProblemError {
  return new ProblemError(
    {
      code: 'dump-not-written',
      message: 'the dump could not be written; nothing was kept of it',
      found: error instanceof Error ? error.message : String(error),
      expected: `room and the right to write in ${directory}`,
      next: 'make room there, or name another directory with --into',
    },
    { cause: error },
  );
}

export function alreadyThere(file: string): ProblemError {
  return new ProblemError({
    code: 'dump-not-written',
    message: 'a dump of this name is there already; it was left as it is',
    found: file,
    next: 'run the same command again: the name holds the time',
  });
}

export function dumpInterrupted(): ProblemError {
  return new ProblemError({
    code: 'interrupted',
    message: 'the dump was interrupted; nothing was kept of it',
    next: 'run the same command again',
    retry: 'retry',
  });
}
