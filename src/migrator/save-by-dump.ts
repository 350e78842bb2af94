/**
 * Saves tables by pg_dump, of the very moment that our transaction sees. The password goes by a file of its own that only
 * its owner can read, never by the command line.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseDatabaseUrl } from '../postgres/database-url.ts';
import { quotedTable } from './lost-rows.ts';
import type { TablesToSave } from './save-by-copy.ts';
import { syncPath } from './save-directory.ts';
import { rowsOf, send, type Work } from './work.ts';

export const DUMP_FILE = 'rows.dump';

const run = promisify(execFile);
const KEEP_AWAKE_MS = 10_000;

export interface DumpToSave extends TablesToSave {
  /** A pg_dump that fits the server. */
  readonly program: string;
}

/** `failed`: the caller saves in another way. Errors: the driver's own where our own session failed. */
export async function saveByDump(work: Work, { tables, directory, program }: DumpToSave): Promise<'saved' | 'failed'> {
  const [row] = await rowsOf<{ snapshot: string }>(work, 'select pg_export_snapshot() as snapshot');
  const file = path.join(directory, DUMP_FILE);
  const args = [
    '--format=custom',
    `--snapshot=${row!.snapshot}`,
    '--lock-wait-timeout=10000',
    `--file=${file}`,
    ...tables.map((table) => `--table=${quotedTable(table)}`),
  ];
  try {
    await withPassFile(work.connection.url, (dbname) =>
      awake(work, runDump(work, program, [...args, `--dbname=${dbname}`])),
    );
  } catch {
    await rm(file, { force: true });
    return 'failed';
  }
  await chmod(file, 0o600);
  await syncPath(file);
  return 'saved';
}

async function runDump(work: Work, program: string, args: readonly string[]): Promise<void> {
  await run(program, args, work.signal ? { signal: work.signal } : {});
}

/** The server ends a transaction that sits idle for long, because its client may be frozen; this one is only waiting. */
async function awake(work: Work, running: Promise<void>): Promise<void> {
  const timer = setInterval(() => void send(work, 'select 1').catch(() => undefined), KEEP_AWAKE_MS);
  try {
    await running;
  } finally {
    clearInterval(timer);
  }
}

/** Calls `work` with a connection string for libpq without a password, which stands in a file for that long. */
export async function withPassFile(url: string, work: (dbname: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'drydock-pass-'));
  try {
    const passFile = path.join(folder, 'pass');
    const parsed = parseDatabaseUrl(url);
    const password = decodeURIComponent(parsed.password).replace(/[\\:]/g, '\\$&');
    await writeFile(passFile, `*:*:*:*:${password}\n`, { mode: 0o600 });
    await work(forLibpq(parsed, passFile));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What node-postgres alone understands is left out, the password too. */
function forLibpq(url: URL, passFile: string): string {
  const result = new URL(url.href);
  if (result.password) result.searchParams.set('passfile', passFile);
  result.password = '';
  result.searchParams.delete('uselibpqcompat');
  result.searchParams.delete('ssl');
  if (result.searchParams.get('sslmode') === 'no-verify') result.searchParams.set('sslmode', 'require');
  // URL writes a space as +, which libpq takes for a plus sign.
  return result.href.replaceAll('+', '%20');
}
