/** Which database a command works on: `--url`, `--target`, or the runbook's environment variable; and whether it is a production. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '../model/problem.ts';
import { URL_FORM } from '../postgres/database-url.ts';
import { resolveUrl } from '../runbook/target-url.ts';
import { findTarget, requireRunbookAllowed } from '../runbook/targets.ts';
import { databaseVariable, type Environment } from './environment.ts';

export interface DatabaseFlags {
  readonly url?: string;
  readonly target?: string;
}

export interface DatabaseChoice {
  readonly url: string;
  /** The target and its environment, where one was named; a bare URL has neither. */
  readonly target?: { readonly name: string; readonly environment: string; readonly saveDirectory: string };
}

/** Where a command looks for a database that its flags do not spell out. */
export interface DatabaseGround {
  readonly runbook: string;
  /** The checkout. */
  readonly root: string;
  readonly environment: Environment;
}

/** Errors: `usage`, `database-url-missing`, and those of reading targets. */
export async function chooseDatabase(flags: DatabaseFlags, ground: DatabaseGround): Promise<DatabaseChoice> {
  if (flags.url !== undefined && flags.target !== undefined) throw bothGiven();
  if (flags.target !== undefined) return byTarget(flags.target, ground);
  const url = flags.url ?? ground.environment.databaseUrl(ground.runbook);
  if (!url) throw noUrl(ground.runbook, flags);
  return { url };
}

async function byTarget(name: string, { runbook, root, environment }: DatabaseGround): Promise<DatabaseChoice> {
  const target = await findTarget(name, root);
  requireRunbookAllowed(target, runbook);
  const url = await resolveUrl(target, {
    lookup: environment.lookup,
    readFile: (file) => readFile(path.resolve(root, file), 'utf8'),
  });
  const { environment: kind, saveDirectory } = target.view;
  return { url, target: { name, environment: kind, saveDirectory } };
}

function noUrl(runbook: string, { url }: DatabaseFlags): ProblemError {
  return new ProblemError({
    code: 'database-url-missing',
    message: 'no database was named',
    found: url === '' ? '--url is empty' : `no --url, no --target, and ${databaseVariable(runbook)} is not set`,
    expected: URL_FORM,
    next: `export ${databaseVariable(runbook)}=${URL_FORM}, or pass it with --url`,
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
