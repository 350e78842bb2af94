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
  return { pgDump, pgRestore: besideOf(pgDump), version: await versionOf(pgDump) };
}

/** The one on the path, else the one beside a pg_dump that fits; undefined where there is neither. */
export async function findPgRestore(serverVersion: number): Promise<string | undefined> {
  if ((await versionOf('pg_restore').catch(() => undefined)) !== undefined) return 'pg_restore';
  const pgDump = await findPgDump(Math.floor(serverVersion / 10_000));
  return pgDump === undefined ? undefined : besideOf(pgDump);
}

function besideOf(pgDump: string): string {
  return pgDump === 'pg_dump' ? 'pg_restore' : path.join(path.dirname(pgDump), 'pg_restore');
}

async function versionOf(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version'], { timeout: TIMEOUT_MS });
  return `pg_dump ${/\(PostgreSQL\) (\S+)/.exec(stdout)?.[1] ?? 'of an unknown version'}`;
}
