/**
 * A real pgBackRest for tests: that of this machine, else the Debian package unpacked into a folder of its own, where apt-get can
 * fetch it; nothing is installed. And a server that archives by it into a local repository.
 */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { reachableTmpdir, serverUser } from '../../src/dev/postgres/server-user.ts';
import { type PostgresOptions, type PostgresServer, startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { type Reaper, startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { runCommand, succeeded } from '../../src/dev/run-command.ts';

export type FoundPgBackRest =
  | { readonly kind: 'found'; readonly program: string }
  | { readonly kind: 'missing'; readonly reason: string };

const FETCH_TIMEOUT_MS = 60_000;

export async function findPgBackRest(): Promise<FoundPgBackRest> {
  if (await runs('pgbackrest')) return { kind: 'found', program: 'pgbackrest' };
  const folder = mkdtempSync(join(reachableTmpdir(serverUser()), 'drydock-pgbackrest-'));
  chmodSync(folder, 0o755);
  const reaper = startReaper();
  reaper.guardFolder(folder, 'remove');
  const fetched = await runCommand('sh', ['-c', 'apt-get download pgbackrest && dpkg-deb -x pgbackrest_*.deb .'], {
    cwd: folder,
    timeoutMs: FETCH_TIMEOUT_MS,
  });
  const program = join(folder, 'usr/bin/pgbackrest');
  if (succeeded(fetched) && (await runs(program))) return { kind: 'found', program };
  return { kind: 'missing', reason: 'there is no pgbackrest on this machine, and apt-get cannot fetch one that runs' };
}

async function runs(program: string): Promise<boolean> {
  return succeeded(await runCommand(program, ['version'], { timeoutMs: 5_000 }));
}

export interface Repository {
  readonly server: PostgresServer;
  /** What every call needs before its command. */
  readonly options: readonly string[];
  /** Runs pgBackRest as the user of the server. Rejects with its last words. */
  readonly run: (...args: readonly string[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const STANZA = 'main';

/** A server whose WAL goes into a repository of its own; no stanza is in it yet. */
export async function startRepository(program: string): Promise<Repository> {
  const user = serverUser();
  // Not in the folder of the machine's temporary files for root alone; and short, because sockets are in it.
  const folder = mkdtempSync(join(reachableTmpdir(user), 'drydock-repo-'));
  if (user) chownSync(folder, user.uid, user.gid);
  const reaper: Reaper = startReaper();
  reaper.guardFolder(folder, 'remove');
  const config = join(folder, 'pgbackrest.conf');
  const options = [`--config=${config}`, `--stanza=${STANZA}`];
  for (const name of ['repo', 'log', 'lock', 'socket']) {
    mkdirSync(join(folder, name));
    if (user) chownSync(join(folder, name), user.uid, user.gid);
  }
  const server = await startWithSocket(folder, {
    reaper,
    settings: {
      fsync: 'off',
      archive_mode: 'on',
      archive_command: `${[program, ...options].join(' ')} archive-push %p`,
    },
  });
  writeFileSync(config, configOf(folder, server), { mode: 0o644 });
  const { username, password } = new URL(server.superuserUrl);
  const env = { PATH: process.env.PATH ?? '', PGUSER: username, PGPASSWORD: password, HOME: tmpdir() };
  return {
    server,
    options,
    run: async (...args) => {
      const end = await runCommand(program, [...options, ...args], { user, env, cwd: '/', timeoutMs: 60_000 });
      if (!succeeded(end)) throw new Error(`pgbackrest ${args.join(' ')}: ${JSON.stringify(end)}`);
    },
    stop: async () => {
      await server.stop();
      await reaper.close();
    },
  };
}

/** pgBackRest reaches a server of its own machine by a socket only, and servers of ours have none until they are told. */
async function startWithSocket(folder: string, options: PostgresOptions): Promise<PostgresServer> {
  const dataDir = join(folder, 'data');
  const first = await startPostgres({ ...options, dataDir });
  const client = new pg.Client({ connectionString: first.superuserUrl });
  await client.connect();
  await client.query(`alter system set unix_socket_directories = '${join(folder, 'socket')}'`);
  await client.end();
  await first.stop();
  return startPostgres({ ...options, dataDir });
}

function configOf(folder: string, { dataDir, port }: PostgresServer): string {
  return `[global]
repo1-path=${join(folder, 'repo')}
log-path=${join(folder, 'log')}
lock-path=${join(folder, 'lock')}
log-level-file=off
log-level-console=error
start-fast=y
archive-timeout=20

[${STANZA}]
pg1-path=${dataDir}
pg1-port=${port}
pg1-socket-path=${join(folder, 'socket')}
pg1-user=postgres
`;
}
