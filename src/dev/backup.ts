/**
 * The backups that a demo cannot wait a night for: WAL archiving that really archives, and a dump of each database, taken now
 * as `backup` takes one, to where drydock.yaml has the target's checklist look for it.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeDump } from '../checks/backups/dump/take-dump.ts';
import type { TakenDump } from '../model/dump.ts';
import { isProblemError, type Problem } from '../model/problem.ts';
import { shortBytes } from '../model/table-size.ts';
import { findTarget } from '../runbook/targets.ts';
import type { PostgresSettings } from './postgres/cluster.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** As long as the runbooks let a dump count. */
const KEPT_MS = 4 * 3_600_000;

/** Archiving that really archives, so that the checklist has something real to look at. */
export const ARCHIVING: PostgresSettings = {
  wal_level: 'replica',
  archive_mode: 'on',
  // Runs in the data directory, and is removed with it.
  archive_command: 'mkdir -p drydock_archive && cp %p drydock_archive/%f',
};

/** `missing`: no pg_dump here reads this server, or the target names no directory; `reason` says which. */
export type Backup =
  | { readonly kind: 'taken'; readonly target: string; readonly dump: TakenDump }
  | { readonly kind: 'missing'; readonly target: string; readonly reason: string };

export interface BackupPlan {
  /** Of this checkout's drydock.yaml; its `dumpDirectory` is where the dump goes. */
  readonly target: string;
  readonly url: string;
  /** Who takes it: `kim`. */
  readonly who: string;
  readonly signal: AbortSignal;
}

/**
 * Takes the dump. A machine without a pg_dump that fits is no error: the checklist will say so. Errors: those of `takeDump`
 * besides, and of `findTarget`.
 */
export async function takeBackup({ target, url, who, signal }: BackupPlan): Promise<Backup> {
  const { dumpDirectory } = (await findTarget(target, ROOT)).view.backups;
  if (dumpDirectory === undefined) {
    return { kind: 'missing', target, reason: 'drydock.yaml names no backups.dumpDirectory for it' };
  }
  const directory = join(ROOT, dumpDirectory);
  await clearOld(directory);
  try {
    const plan = { url, directory, who: `${who}@${hostname()}`, onProgress: () => {}, signal };
    return { kind: 'taken', target, dump: await takeDump(plan) };
  } catch (error) {
    if (!isProblemError(error) || error.problem.code !== 'pg-dump-missing') throw error;
    return { kind: 'missing', target, reason: reasonOf(error.problem) };
  }
}

/** What became of it, in a line. */
export function describeBackup(backup: Backup): string {
  const { target } = backup;
  if (backup.kind === 'missing') {
    return `Backup of ${target}: none, because ${backup.reason}; its checklist item will fail, and can be waived by name`;
  }
  const { file, sidecar } = backup.dump;
  const size = shortBytes(sidecar.bytes);
  return `Backup of ${target}: ${relative(ROOT, file)}, ${size} by ${sidecar.dumpedBy}, read to its end by ${sidecar.readBy}`;
}

function reasonOf({ message, found, expected }: Problem): string {
  return `${message} (found: ${found}; expected: ${expected})`;
}

/** Those of another demo that is still going on stay; their sidecars say that they are of another server. */
async function clearOld(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((name) => /\.dump(\.drydock\.json)?$/.test(name))) {
    const file = join(directory, name);
    const stats = await stat(file).catch(() => undefined);
    if (stats !== undefined && Date.now() - stats.mtimeMs > KEPT_MS) await rm(file, { force: true });
  }
}
