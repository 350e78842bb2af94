/** Which database a command works on: `--url`, `--target`, or an environment variable; and whether it is a production. */
import { ProblemError } from '../model/problem.ts';
import type { TargetView } from '../model/target.ts';
import { URL_FORM } from '../postgres/database-url.ts';
import type { Environment } from './environment.ts';

export interface DatabaseFlags {
  readonly url?: string;
  readonly target?: string;
}

export interface DatabaseChoice {
  readonly url: string;
  /** The target and its environment, where one was named; a bare URL has neither. */
  readonly target?: Pick<TargetView, 'name' | 'environment' | 'saveDirectory' | 'locks' | 'backups'>;
}

/** Where a command looks for a database that its flags do not spell out. */
export interface DatabaseGround {
  /** The runbook, or what the set of migrations is called: targets may list whom they take. */
  readonly name: string;
  /** `COMMUNICATION_DATABASE_URL`. */
  readonly variable: string;
  /** The checkout. */
  readonly root: string;
  readonly environment: Environment;
}

/** Errors: `usage`, `database-url-missing`, and those of reading targets. */
export async function chooseDatabase(flags: DatabaseFlags, ground: DatabaseGround): Promise<DatabaseChoice> {
  if (flags.url !== undefined && flags.target !== undefined) throw bothGiven();
  if (flags.target !== undefined) return byTarget(flags.target, ground);
  const url = flags.url ?? ground.environment.lookup(ground.variable);
  if (!url) throw noUrl(ground.variable, flags);
  return { url };
}

async function byTarget(name: string, ground: DatabaseGround): Promise<DatabaseChoice> {
  // Loaded here because it brings a reader of YAML along.
  const { databaseOfTarget } = await import('./database-of-target.ts');
  return databaseOfTarget(name, ground);
}

function noUrl(variable: string, { url }: DatabaseFlags): ProblemError {
  return new ProblemError({
    code: 'database-url-missing',
    message: 'no database was named',
    found: url === '' ? '--url is empty' : `no --url, no --target, and ${variable} is not set`,
    expected: URL_FORM,
    next: `export ${variable}=${URL_FORM}, or pass it with --url`,
  });
}

function bothGiven(): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: '--url and --target were both given',
    expected: 'one of them: a target names its own URL',
    next: 'leave one of them out',
  });
}
