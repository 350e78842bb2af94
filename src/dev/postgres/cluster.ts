/**
 * Makes the folder of a cluster and writes its settings. It decides what a cluster on a developer's machine looks like:
 * UTF-8, locale C, loopback only, a random password. Whether and when a server runs on it is not its business.
 *
 * A password and not `trust`: the superuser of a cluster can run programs as the server's user, and on a shared machine
 * everyone can reach 127.0.0.1.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError } from '../../model/problem.ts';
import { describeFailure, runCommand, type ServerUser, succeeded } from '../run-command.ts';
import type { PostgresBinaries } from './binaries.ts';
import { reachableTmpdir } from './server-user.ts';

/** Name of the database superuser of every cluster made here. */
export const SUPERUSER = 'postgres';

/** Entries of postgresql.conf, in PostgreSQL's own names and units: `{ fsync: 'off', max_connections: 200 }`. */
export type PostgresSettings = Readonly<Record<string, string | number>>;

/** A temporary folder for what belongs to one running server: settings, log, and the cluster where no other place is given. */
export interface ServerHome {
  readonly path: string;
  readonly configFile: string;
  readonly logFile: string;
}

/** For root the folder stays root's own, so that nothing in it can be swapped by another process of the server's user. */
export function makeServerHome(user: ServerUser | undefined): ServerHome {
  const path = mkdtempSync(join(reachableTmpdir(user), 'drydock-postgres-'));
  if (user) chmodSync(path, 0o711);
  const logFile = join(path, 'server.log');
  writeFileSync(logFile, '', { mode: 0o600 });
  giveTo(user, logFile);
  return { path, configFile: join(path, 'drydock.conf'), logFile };
}

/** The environment of the server and of what it runs (archive_command): a path, and nothing that would change behaviour. */
export function serverEnvironment(path: string): Record<string, string> {
  return { PATH: path, LC_ALL: 'C', TZ: 'UTC' };
}

export interface ClusterPlan {
  readonly binaries: PostgresBinaries;
  readonly dataDir: string;
  readonly home: ServerHome;
  readonly user: ServerUser | undefined;
  readonly env: Record<string, string>;
  readonly onStart: (pid: number) => void;
}

/** True where a cluster is in the folder already. */
export function hasCluster(dataDir: string): boolean {
  return existsSync(join(dataDir, 'PG_VERSION'));
}

/** Makes a cluster. Throws the Problem `postgres-not-initialised`. */
export async function initialiseCluster(plan: ClusterPlan): Promise<void> {
  const { binaries, dataDir, home, user, env, onStart } = plan;
  const password = randomBytes(24).toString('hex');
  const passwordFile = join(home.path, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
  giveTo(user, passwordFile);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  giveTo(user, dataDir);
  const args = ['-D', dataDir, '-U', SUPERUSER, '--encoding=UTF8', '--locale=C', '--auth=scram-sha-256'];
  const outcome = await runCommand(
    join(binaries.binDir, 'initdb'),
    [...args, `--pwfile=${passwordFile}`, '--no-sync', '--no-instructions'],
    { user, env, onStart, cwd: '/', timeoutMs: 60_000 },
  );
  rmSync(passwordFile);
  if (!succeeded(outcome)) throw notInitialised(dataDir, describeFailure(outcome));
  // `wx` follows no link: the folder is the server user's, and this may be root.
  writeFileSync(passwordPath(dataDir), password, { mode: 0o600, flag: 'wx' });
  giveTo(user, passwordPath(dataDir));
}

/** The superuser's password of a cluster made here. Throws the Problem `postgres-password-unknown` for any other. */
export function readPassword(dataDir: string): string {
  try {
    return readFileSync(passwordPath(dataDir), 'utf8');
  } catch (cause) {
    const problem = {
      code: 'postgres-password-unknown',
      message: `the cluster in ${dataDir} was not made by drydock`,
      found: `no readable file ${passwordPath(dataDir)}`,
      next: 'give another folder, or start that cluster yourself and give its connection string',
    };
    throw new ProblemError(problem, { cause });
  }
}

/** Our settings after the cluster's own; what ALTER SYSTEM sets still comes last. */
export function writeSettings({ home, dataDir, user }: ClusterPlan, settings: PostgresSettings): void {
  const lines = Object.entries(settings).map(([name, value]) => `${settingName(name)} = ${quote(String(value))}`);
  const text = [`include ${quote(join(dataDir, 'postgresql.conf'))}`, ...lines, ''].join('\n');
  // The server's alone: a replica's settings hold the password of its primary.
  writeFileSync(home.configFile, text, { mode: 0o600 });
  giveTo(user, home.configFile);
}

function settingName(name: string): string {
  if (/^[a-z_][a-z0-9_.]*$/i.test(name)) return name;
  throw new TypeError(`not the name of a PostgreSQL setting: ${name}`);
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function passwordPath(dataDir: string): string {
  return join(dataDir, 'drydock.password');
}

function giveTo(user: ServerUser | undefined, path: string): void {
  if (user) chownSync(path, user.uid, user.gid);
}

function notInitialised(dataDir: string, reason: string): ProblemError {
  return new ProblemError({
    code: 'postgres-not-initialised',
    message: `no PostgreSQL cluster could be made in ${dataDir}`,
    found: reason,
    next: `look at the free space and the rights of ${dataDir}`,
  });
}
