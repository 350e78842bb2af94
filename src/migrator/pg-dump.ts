/**
 * Finds a pg_dump that can read a server of some major version: one on the path, else where packages put them. pg_dump
 * refuses servers newer than itself.
 */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;

/** Folders with one sub-folder per major version, and where the programs are in it. */
const INSTALLED = [
  { parent: '/usr/lib/postgresql', programs: 'bin' },
  { parent: '/usr', programs: 'bin', only: /^pgsql-\d+$/ },
  { parent: '/opt/homebrew/opt', programs: 'bin', only: /^(libpq|postgresql(@\d+)?)$/ },
  { parent: '/usr/local/opt', programs: 'bin', only: /^(libpq|postgresql(@\d+)?)$/ },
];

/** Path or name of the program, the server's own major version before a newer one; undefined where none fits. */
export async function findPgDump(serverMajor: number): Promise<string | undefined> {
  let newer: string | undefined;
  for (const program of ['pg_dump', ...(await installed())]) {
    const major = await majorOf(program);
    if (major === serverMajor) return program;
    if (major !== undefined && isRestorable({ major, serverMajor })) newer ??= program;
  }
  return newer;
}

/** From 17 on what restores a dump begins with SET transaction_timeout, which older servers refuse. */
function isRestorable({ major, serverMajor }: { readonly major: number; readonly serverMajor: number }): boolean {
  return major > serverMajor && (major < 17 || serverMajor >= 17);
}

async function majorOf(program: string): Promise<number | undefined> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: TIMEOUT_MS });
    const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
    return major === undefined ? undefined : Number(major);
  } catch {
    return undefined;
  }
}

async function installed(): Promise<string[]> {
  const found: string[] = [];
  for (const { parent, programs, only } of INSTALLED) {
    const names = await readdir(parent).catch(() => []);
    const fitting = names.filter((name) => (only ?? /^\d+$/).test(name)).sort();
    found.push(...fitting.map((name) => path.join(parent, name, programs, 'pg_dump')));
  }
  return found;
}
