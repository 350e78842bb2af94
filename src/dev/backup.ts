/**
 * The backups that a demo cannot wait a night for: WAL archiving that really archives, and a dump of the database, taken now
 * by the pg_dump of this machine.
 */
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresSettings } from './postgres/cluster.ts';

const run = promisify(execFile);

/** Archiving that really archives, so that the checklist has something real to look at. */
export const ARCHIVING: PostgresSettings = {
  wal_level: 'replica',
  archive_mode: 'on',
  // Runs in the data directory, and is removed with it.
  archive_command: 'mkdir -p drydock_archive && cp %p drydock_archive/%f',
};

/** `missing`: no pg_dump here, or an older one than the server; `reason` says which. */
export type Backup =
  | { readonly kind: 'taken'; readonly file: string }
  | { readonly kind: 'missing'; readonly reason: string };

export interface BackupPlan {
  readonly url: string;
  /** Emptied first: a dump of an earlier demo is none of this database. */
  readonly directory: string;
  /** Major version of the server. */
  readonly serverMajor: number;
}

/** Takes the dump in the custom format. A machine without a pg_dump that fits is no error: the checklist will say so. */
export async function takeBackup({ url, directory, serverMajor }: BackupPlan): Promise<Backup> {
  await rm(directory, { recursive: true, force: true });
  const found = await pgDumpMajor();
  if (found === undefined) return { kind: 'missing', reason: 'there is no pg_dump on this machine' };
  if (found < serverMajor) {
    return { kind: 'missing', reason: `pg_dump ${found} is older than the server, PostgreSQL ${serverMajor}` };
  }
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'nightly.dump');
  await run('pg_dump', ['--format=custom', `--file=${file}`, `--dbname=${url}`]);
  return { kind: 'taken', file };
}

/** What became of it, in a line. */
export function describeBackup(backup: Backup): string {
  return backup.kind === 'taken'
    ? `Backup: pg_dump wrote ${backup.file}, as the nightly backup would`
    : `Backup: none, because ${backup.reason}; its checklist item will fail, and can be waived by name`;
}

async function pgDumpMajor(): Promise<number | undefined> {
  try {
    const { stdout } = await run('pg_dump', ['--version']);
    return Number(/\) (\d+)/.exec(stdout)?.[1]) || undefined;
  } catch {
    return undefined;
  }
}
