/** The words for a rehearsal that could not be carried out; what it found out is no problem but its result. */
import { isProblemError, ProblemError } from '../../model/problem.ts';
import { problemFromPg } from '../../postgres/problem-from-pg.ts';

/** An error of the rehearsal's own statements; a ProblemError stays as it is. */
export function asRehearsalProblem(error: unknown, doing: string): ProblemError {
  if (isProblemError(error)) return error;
  const problem = problemFromPg(error, {
    doing,
    code: 'rehearsal-database-failed',
    next: 'rehearse elsewhere: `rehearse --on embedded`, or `rehearse --on $OTHER_URL` with a role that may create databases',
  });
  return new ProblemError(problem, { cause: error });
}

/** Neither may the role create databases on the target's server, nor is there a PostgreSQL on this machine. */
export function noPlace(found: readonly string[]): ProblemError {
  return new ProblemError({
    code: 'rehearsal-no-place',
    message: 'there is no place for a rehearsal',
    found: found.join('\n'),
    expected: 'a server on which a database may be made and dropped',
    next: 'name one with `rehearse --on $OTHER_URL`, a URL whose role may create databases',
  });
}

export function nothingToRehearse(applied: number): ProblemError {
  return new ProblemError({
    code: 'nothing-to-rehearse',
    message: 'no migration is pending',
    found: applied === 0 ? 'no migration on disk' : `${applied} applied, none to apply`,
    expected: 'a pending migration',
    next: 'rehearse the whole set from an empty database: `rehearse --all`',
  });
}

export function unfinishedThere(name: string): ProblemError {
  return new ProblemError({
    code: 'rehearsal-of-unfinished',
    message: `${name} is unfinished on the target, and half a migration cannot be rehearsed`,
    found: `the ledger has a part of ${name}`,
    expected: 'migrations that are applied or pending',
    next: 'go on with `migrate`, or clear what is there with `rollback`, then run the same command again',
  });
}

export function dumpFailed(program: string, said: string): ProblemError {
  return new ProblemError({
    code: 'rehearsal-dump-failed',
    message: `the schema of the target could not be read by ${program}`,
    found: said,
    expected: 'a role that may read every table',
    next: 'run it with a role that may, or build the schema from the files: `rehearse --from files`',
  });
}

/** What a rehearsal from files needs and does not have. */
export function baseFailed(cause: ProblemError, stub: string | null): ProblemError {
  const { problem } = cause;
  return new ProblemError(
    {
      ...problem,
      code: 'rehearsal-base-failed',
      message: `the schema to start from could not be made from files: ${problem.message}`,
      next: stub
        ? `complete the stub ${stub}, or rehearse from the target's own schema with a pg_dump that fits`
        : 'name a file that makes what the migrations refer to: `rehearse --stub <file>`',
      retry: 'stop',
    },
    { cause },
  );
}
