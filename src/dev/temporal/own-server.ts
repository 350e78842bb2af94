/**
 * A Temporal server of our own on the loopback address. It decides ports and files, and tries other ports when one of those
 * chosen was taken in between; which program runs and how it is tuned come from its neighbours.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../../cli/environment.ts';
import { ProblemError } from '../../model/problem.ts';
import { type ApartProcess, startApart } from '../apart-process.ts';
import { freePorts } from '../free-ports.ts';
import { waitUntilReady } from './connection.ts';
import { type ServerPlan, serverArguments } from './server-arguments.ts';
import type { TemporalOptions, TemporalServer } from './start-temporal.ts';

const HOST = '127.0.0.1';
const ATTEMPTS = 5;
const READY_LIMIT_MS = 60_000;
const ANNOUNCE_LIMIT_MS = 1_000;

/** What a server of our own is made from. */
export interface OwnServerPlan {
  /** Path of the `temporal` program. */
  readonly program: string;
  readonly options: TemporalOptions;
  readonly environment: Environment;
}

/** Throws the Problem `temporal-not-started`. */
export async function startOwnServer(plan: OwnServerPlan): Promise<TemporalServer> {
  const home = mkdtempSync(join(tmpdir(), 'drydock-temporal-'));
  plan.options.reaper?.guardFolder(home, 'remove');
  try {
    return await startOnSomePorts(plan, home);
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

async function startOnSomePorts(plan: OwnServerPlan, home: string): Promise<TemporalServer> {
  let attempt = 1;
  for (;;) {
    const result = await tryStart(plan, home);
    if (result.kind === 'started') return result.server;
    const taken = /address already in use|port .* in use/i.test(result.reason);
    if (!taken || plan.options.port !== undefined || attempt >= ATTEMPTS) throw notStarted(result.reason);
    attempt += 1;
  }
}

type Start =
  | { readonly kind: 'started'; readonly server: TemporalServer }
  | { readonly kind: 'failed'; readonly reason: string };

async function tryStart(plan: OwnServerPlan, home: string): Promise<Start> {
  const { program, options, environment } = plan;
  const server = await planServer(plan);
  const logFile = join(home, 'server.log');
  const own = startApart({
    program,
    args: serverArguments(server),
    cwd: home,
    // An empty home: the CLI would read profiles and addresses of other servers from the user's.
    env: { PATH: environment.path, HOME: home },
    output: { kind: 'file', path: logFile },
    reaper: options.reaper,
  });
  const address = `${HOST}:${server.grpcPort}`;
  const readiness = await waitUntilReady(address, server.namespace, READY_LIMIT_MS, own.endedBecause);
  const reason = readiness.kind === 'not-ready' ? readiness.reason : await whyNotOurs(own, logFile);
  if (reason !== undefined) {
    await own.stop();
    return { kind: 'failed', reason };
  }
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= own.stop().then(() => rmSync(home, { recursive: true, force: true, maxRetries: 3 }));
    return stopped;
  };
  const uiUrl = server.uiPort === undefined ? undefined : `http://${HOST}:${server.uiPort}`;
  return { kind: 'started', server: { address, uiUrl, namespace: server.namespace, pid: own.pid, program, stop } };
}

/**
 * What answered may be another server, whose port was chosen too: then ours is about to end. It is ours once it has said where
 * it listens, or, should it say that in other words some day, after a second without an end.
 */
async function whyNotOurs(own: ApartProcess, logFile: string): Promise<string | undefined> {
  const until = performance.now() + ANNOUNCE_LIMIT_MS;
  while (performance.now() < until && own.endedBecause() === undefined) {
    if (/^Server:/m.test(readFileSync(logFile, 'utf8'))) return undefined;
    await sleep(20);
  }
  return own.endedBecause();
}

async function planServer({ options, environment }: OwnServerPlan): Promise<ServerPlan> {
  const [grpcPort, httpPort, metricsPort, uiPort] = (await freePorts(4)) as [number, number, number, number];
  return {
    grpcPort: options.port ?? grpcPort,
    httpPort,
    metricsPort,
    uiPort: options.ui === 'none' ? undefined : uiPort,
    namespace: environment.temporalNamespace,
    dbFile: options.dbFile === undefined ? undefined : resolve(options.dbFile),
  };
}

function notStarted(reason: string): ProblemError {
  return new ProblemError({
    code: 'temporal-not-started',
    message: 'the Temporal server did not start',
    found: reason,
    next: 'mend what it says, or set TEMPORAL_ADDRESS=host:port of a running server',
  });
}
