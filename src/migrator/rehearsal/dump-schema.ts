/** Reads the schema of a whole database by pg_dump, without a row. It does not know where it is going to be restored. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { interrupted } from '../../postgres/clock.ts';
import { withPassFile } from '../save-by-dump.ts';
import { dumpFailed } from './rehearsal-problems.ts';

const run = promisify(execFile);
const MAX_BYTES = 512 * 1024 * 1024;

export interface SchemaDumpPlan {
  readonly url: string;
  /** A pg_dump that fits the server. */
  readonly program: string;
  /** `left out`: on another server the roles may be missing. */
  readonly owners: 'kept' | 'left out';
  readonly signal?: AbortSignal;
}

/** The text of the dump. Takes ACCESS SHARE on every table for a moment. Errors: `rehearsal-dump-failed`, `interrupted`. */
export async function dumpSchema({ url, program, owners, signal }: SchemaDumpPlan): Promise<string> {
  const args = [
    '--schema-only',
    '--no-subscriptions',
    '--no-security-labels',
    '--no-tablespaces',
    '--exclude-schema=drydock',
    '--lock-wait-timeout=10000',
    ...(owners === 'kept' ? [] : ['--no-owner', '--no-privileges']),
  ];
  let text = '';
  await withPassFile(url, async (dbname) => {
    const options = { maxBuffer: MAX_BYTES, ...(signal ? { signal } : {}) };
    const done = await run(program, [...args, `--dbname=${dbname}`], options).catch((error: Error) => {
      throw signal?.aborted ? interrupted() : dumpFailed(program, lastWords(error));
    });
    text = done.stdout;
  });
  return text;
}

function lastWords(error: Error & { readonly stderr?: string }): string {
  return error.stderr?.trim().split('\n').slice(-3).join('\n') || error.message;
}
