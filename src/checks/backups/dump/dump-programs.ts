/** The pg_dump that fits a server, and the pg_restore beside it, which reads what it wrote. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { findPgDump } from '../../../migrator/pg-dump.ts';
import { noPgDump } from './dump-problems.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;

export interface DumpPrograms {
  readonly pgDump: string;
  readonly pgRestore: string;
  /** `pg_dump 15.18`. */
  readonly version: string;
}

/** Error: `pg-dump-missing`. */
export async function findDumpPrograms(serverVersion: number): Promise<DumpPrograms> {
  const major = Math.floor(serverVersion / 10_000);
  const pgDump = await findPgDump(major);
  if (pgDump === undefined) throw noPgDump(major, await versionOf('pg_dump').catch(() => null));
  const directory = path.dirname(pgDump);
  const pgRestore = pgDump === 'pg_dump' ? 'pg_restore' : path.join(directory, 'pg_restore');
  return { pgDump, pgRestore, version: await versionOf(pgDump) };
}

async function versionOf(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version'], { timeout: TIMEOUT_MS });
  return `pg_dump ${/\(PostgreSQL\) (\S+)/.exec(stdout)?.[1] ?? 'of an unknown version'}`;
}
