/** A URL through a real PgBouncer: refused with the reason, whatever the pooler lets pass. Skipped where none is installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import path from 'node:path';
import { afterAll, expect, inject, it } from 'vitest';
import { freePorts } from '../../../src/dev/free-ports.ts';
import { reachableTmpdir, serverUser } from '../../../src/dev/postgres/server-user.ts';
import { connect } from '../../../src/postgres/connect.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { runCli } from '../../support/processes.ts';
import { advisoryLocks, problemOf, until } from './world.ts';

const PROGRAM = ['pgbouncer', '/usr/sbin/pgbouncer', '/opt/homebrew/bin/pgbouncer'].find(
  (program) => spawnSync(program, ['--version']).status === 0,
);

const started: { child: ChildProcess; folder: string }[] = [];
afterAll(async () => {
  for (const { child, folder } of started) {
    if (child.exitCode === null && child.kill('SIGINT')) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
});

/** Starts a pooler in front of the run's server as a user that is not root; gives the URL through it. */
async function startPooler(settings: string): Promise<string> {
  const server = new URL(inject('postgres').superuserUrl);
  const [port] = await freePorts(1);
  const user = serverUser();
  const folder = await mkdtemp(path.join(reachableTmpdir(user), 'drydock-bouncer-'));
  const config = path.join(folder, 'bouncer.ini');
  const users = path.join(folder, 'users.txt');
  await writeFile(users, `"${server.username}" "${decodeURIComponent(server.password)}"\n`);
  await writeFile(
    config,
    `[databases]\n* = host=${server.hostname} port=${server.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nauth_type = plain\nauth_file = ${users}\nunix_socket_dir =\n${settings}\n`,
  );
  if (user) for (const one of [folder, config, users]) await chown(one, user.uid, user.gid);
  const child = spawn(PROGRAM!, [config], { stdio: 'ignore', ...(user ?? {}) });
  started.push({ child, folder });
  await until(() => answers(port!));
  return Object.assign(new URL(server), { port: String(port) }).href;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

const refused = (found: unknown) => ({
  code: 'pooled-connection',
  message: 'the URL leads through a connection pooler',
  found,
  expected: 'a direct connection: session locks, limits and the backend that does the work must be ours alone',
  next: "pass the URL of the PostgreSQL server itself (often port 5432) with --url, not the pooler's",
  retry: 'stop',
});

it('a pooler that refuses our limits is recognised by that', async ({ skip }) => {
  skip(!PROGRAM, 'there is no pgbouncer on this machine');
  const url = await startPooler('');
  expect(await problemOf(connect({ url, applicationName: 'test' }))).toEqual(
    refused('the start-up parameter options was refused, as PgBouncer does'),
  );
});

it('a pooler that swallows them is recognised by the backend', async ({ skip }) => {
  skip(!PROGRAM, 'there is no pgbouncer on this machine');
  const url = await startPooler('ignore_startup_parameters = options\npool_mode = session');
  expect(await problemOf(connect({ url, applicationName: 'test' }))).toEqual(
    refused(expect.stringMatching(/^the backend calls itself \d+, the connection was greeted as -?\d+$/)),
  );
  const { code, stdout, stderr } = await runCli(['src/cli/communication-migrate.ts', 'migrate', '--url', url]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^pooled-connection: the URL leads through a connection pooler\n/);
});

it("a refused call leaves no lock behind on the pooler's own session", async ({ skip }) => {
  skip(!PROGRAM, 'there is no pgbouncer on this machine');
  const database = await freshDatabase();
  const pooler = new URL(await startPooler('ignore_startup_parameters = options\npool_mode = transaction'));
  pooler.pathname = `/${database.name}`;
  const { code } = await runCli(['src/cli/communication-migrate.ts', 'migrate', '--url', pooler.href]);
  expect([code, await advisoryLocks(database)]).toEqual([2, []]);
});
