/**
 * PostgreSQL refuses to run as root. This decides which user it runs as instead, and which folders that user can reach.
 */
import { readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { ServerUser } from '../run-command.ts';

const NOBODY: ServerUser = { uid: 65_534, gid: 65_534 };

/** The user to run PostgreSQL as: undefined (this one) for an ordinary user; for root `postgres` where it exists, else `nobody`. */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readAccounts();
  return accounts.get('postgres') ?? accounts.get('nobody') ?? NOBODY;
}

/** A folder for temporary files that `user` can walk into; a private TMPDIR of root is none. */
export function reachableTmpdir(user: ServerUser | undefined): string {
  if (!user) return tmpdir();
  return [tmpdir(), '/tmp', '/var/tmp'].find((path) => isReachable(path, user)) ?? tmpdir();
}

/** True where every folder down to `path` lets `user` pass. */
export function isReachable(path: string, user: ServerUser): boolean {
  const parent = dirname(path);
  return mayPass(path, user) && (parent === path || isReachable(parent, user));
}

function mayPass(path: string, user: ServerUser): boolean {
  try {
    const { mode, uid, gid } = statSync(path);
    if (uid === user.uid) return (mode & 0o100) !== 0;
    return gid === user.gid ? (mode & 0o010) !== 0 : (mode & 0o001) !== 0;
  } catch {
    return false;
  }
}

function readAccounts(): Map<string, ServerUser> {
  const accounts = new Map<string, ServerUser>();
  for (const line of readPasswd().split('\n')) {
    const [name, , uid, gid] = line.split(':');
    // macOS gives nobody the number -2, which system calls take as an unsigned one.
    if (name && uid && gid) accounts.set(name, { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 });
  }
  return accounts;
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}
