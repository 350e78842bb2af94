/** A real PgBouncer in front of a test's database, as a user that is not root. Where none is installed, tests skip themselves. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import path from 'node:path';
import { afterAll } from 'vitest';
import { freePorts } from '../../src/dev/free-ports.ts';
import { reachableTmpdir, serverUser } from '../../src/dev/postgres/server-user.ts';

const PROGRAM = ['pgbouncer', '/usr/sbin/pgbouncer', '/opt/homebrew/bin/pgbouncer'].find(
  (program) => spawnSync(program, ['--version']).status === 0,
);

/** Undefined where there is one; else why a test of it is skipped. */
export const WITHOUT_POOLER = PROGRAM ? undefined : 'there is no pgbouncer on this machine';

export interface PoolerOptions {
  /** The database behind it: a superuser's URL. */
  readonly url: string;
  /** Lines of `[pgbouncer]`. Default: transaction pooling. */
  readonly settings?: string;
  /** What the pooler calls the database. Default: its own name. */
  readonly name?: string;
  /** What stands behind `[databases]` for it, besides host, port and dbname: `pool_mode=session`. */
  readonly databaseSettings?: string;
}

export interface TestPooler {
  /** Through the pooler. */
  readonly url: string;
  /** Of its console, as an administrator. */
  readonly adminUrl: string;
  /** As somebody who may only look. */
  readonly statsUrl: string;
  readonly name: string;
  /** Kills it with -9 and starts it again, on the same port. */
  readonly restart: () => Promise<void>;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
}

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Answers when it resolves. Ended with the test file. */
export async function startPooler(options: PoolerOptions): Promise<TestPooler> {
  const server = new URL(options.url);
  const database = decodeURIComponent(server.pathname.slice(1));
  const { name = database, settings = 'pool_mode = transaction' } = options;
  const [port] = await freePorts(1);
  const user = serverUser();
  const folder = await mkdtemp(path.join(reachableTmpdir(user), 'drydock-bouncer-'));
  const config = path.join(folder, 'bouncer.ini');
  const users = path.join(folder, 'users.txt');
  const password = decodeURIComponent(server.password);
  await writeFile(users, `"${server.username}" "${password}"\n"pooladmin" "pooladmin"\n"poolstats" "poolstats"\n`);
  await writeFile(
    config,
    [
      '[databases]',
      `${name} = host=${server.hostname} port=${server.port} dbname=${database} ${options.databaseSettings ?? ''}`,
      '[pgbouncer]',
      `listen_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =`,
      `auth_type = plain\nauth_file = ${users}\nadmin_users = pooladmin\nstats_users = poolstats`,
      `${settings}\n`,
    ].join('\n'),
  );
  if (user) for (const one of [folder, config, users]) await chown(one, user.uid, user.gid);
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(PROGRAM!, ['-q', config], { stdio: 'ignore', ...(user ?? {}) });
    while (!(await answers(port!))) {
      if (child.exitCode !== null) throw new Error(`the pooler ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const kill = async (): Promise<void> => {
    if (child?.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  };
  cleanups.push(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  await start();
  const as = (who: string) => `postgres://${who}:${who}@127.0.0.1:${port}/pgbouncer`;
  return {
    url: Object.assign(new URL(server), { port: String(port), pathname: `/${encodeURIComponent(name)}` }).href,
    adminUrl: as('pooladmin'),
    statsUrl: as('poolstats'),
    name,
    kill,
    start,
    restart: async () => {
      await kill();
      await start();
    },
    signal: (signal) => void child?.kill(signal),
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
