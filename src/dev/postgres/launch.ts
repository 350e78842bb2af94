/**
 * One server on one cluster, driven by pg_ctl: how it is prepared, put on a port and taken down again. It decides to try
 * another port when the one chosen was taken in between; what a caller gets to see is start-postgres.ts's business.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment } from '../../cli/environment.ts';
import { ProblemError } from '../../model/problem.ts';
import { freePort } from '../free-ports.ts';
import type { OnProgress } from '../progress.ts';
import { END_BY_TERM } from '../reaper/start-reaper.ts';
import { type CommandOutcome, describeFailure, runCommand, succeeded } from '../run-command.ts';
import { findPostgresBinaries } from './binaries.ts';
import * as cluster from './cluster.ts';
import { serverUser } from './server-user.ts';
import type { PostgresOptions } from './start-postgres.ts';

export const HOST = '127.0.0.1';
const PORT_ATTEMPTS = 5;

/** Everything that is known before the server runs. */
export interface Launch extends cluster.ClusterPlan {
  readonly options: PostgresOptions;
  readonly onProgress: OnProgress;
}

/** Finds the programs and makes the temporary folder; starts nothing. */
export async function prepare(options: PostgresOptions): Promise<Launch> {
  const environment = options.environment ?? readEnvironment();
  const onProgress = options.onProgress ?? (() => {});
  const user = serverUser();
  const binaries = options.binaries ?? (await findPostgresBinaries({ environment, user, onProgress }));
  const home = cluster.makeServerHome(user);
  const dataDir = options.dataDir ?? join(home.path, 'data');
  options.reaper?.guardFolder(home.path, 'remove');
  if (options.dataDir) options.reaper?.guardFolder(dataDir, 'keep');
  const onStart = (pid: number): void => options.reaper?.guardProcess(pid, END_BY_TERM);
  const env = cluster.serverEnvironment(environment.path);
  return { options, onProgress, binaries, home, dataDir, user, env, onStart };
}

/** Starts the server, on a new cluster where there is none, and returns its port. */
export async function launchServer(launch: Launch): Promise<number> {
  try {
    if (!cluster.hasCluster(launch.dataDir)) await initialise(launch);
    return await startOnSomePort(launch);
  } catch (error) {
    await takeDown(launch);
    throw error;
  }
}

/** Fast shutdown, immediate after 20 s; removes the temporary folder. Harmless where no server runs. */
export async function takeDown(launch: Launch): Promise<void> {
  const fast = await control(launch, ['stop', '-m', 'fast', '-w', '-t', '20']);
  if (!succeeded(fast)) await control(launch, ['stop', '-m', 'immediate', '-w', '-t', '10']);
  rmSync(launch.home.path, { recursive: true, force: true, maxRetries: 3 });
}

async function initialise(launch: Launch): Promise<void> {
  const { binaries, dataDir, onProgress } = launch;
  onProgress({ kind: 'postgres-initialising', version: binaries.version, dataDir });
  await cluster.initialiseCluster(launch);
}

async function startOnSomePort(launch: Launch): Promise<number> {
  let attempt = 1;
  for (;;) {
    const port = launch.options.port ?? (await freePort());
    const failure = await tryStart(launch, port);
    if (!failure) return port;
    const taken = /Address already in use/i.test(failure);
    if (!taken || launch.options.port !== undefined || attempt >= PORT_ATTEMPTS) throw notStarted(port, failure);
    attempt += 1;
  }
}

/** Undefined when the server accepts connections, else the end of its log. */
async function tryStart(launch: Launch, port: number): Promise<string | undefined> {
  const { home, options } = launch;
  cluster.writeSettings(launch, {
    ...options.settings,
    port,
    listen_addresses: HOST,
    // No socket: its path would have a length limit, and nothing here connects over one.
    unix_socket_directories: '',
  });
  const before = readFileSync(home.logFile, 'utf8').length;
  const outcome = await control(launch, [
    'start',
    ...['-w', '-t', '60', '-l', home.logFile],
    ...['-o', `-c config_file="${home.configFile}"`],
  ]);
  if (succeeded(outcome)) return undefined;
  return readFileSync(home.logFile, 'utf8').slice(before).trim() || describeFailure(outcome);
}

function control(launch: Launch, args: readonly string[]): Promise<CommandOutcome> {
  const { binaries, dataDir, user, env, onStart } = launch;
  return runCommand(join(binaries.binDir, 'pg_ctl'), ['-D', dataDir, ...args], { user, env, onStart, cwd: '/' });
}

function notStarted(port: number, log: string): ProblemError {
  return new ProblemError({
    code: 'postgres-not-started',
    message: `PostgreSQL did not start on ${HOST}:${port}`,
    found: log.split('\n').slice(-6).join('\n'),
    next: 'mend what its log says, or leave the port out to have a free one chosen',
  });
}
