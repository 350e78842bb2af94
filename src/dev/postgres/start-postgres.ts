/**
 * A PostgreSQL server of our own on the loopback address, as its users see it: connection strings, databases, an end. How it
 * is put up and taken down is launch.ts's business.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Environment } from '../../cli/environment.ts';
import type { OnProgress } from '../progress.ts';
import { END_POSTGRES, type Reaper } from '../reaper/start-reaper.ts';
import type { PostgresBinaries } from './binaries.ts';
import { type PostgresSettings, readPassword, SUPERUSER } from './cluster.ts';
import { HOST, launchServer, prepare, takeDown } from './launch.ts';

export type { PostgresSettings } from './cluster.ts';

export interface PostgresOptions {
  /** Folder of the cluster. Default: a temporary one, removed by `stop`. A given one is kept; a cluster in it is used again. */
  readonly dataDir?: string;
  /** Default: a free one. A given one is not exchanged when it is taken. */
  readonly port?: number;
  /** More entries of postgresql.conf. */
  readonly settings?: PostgresSettings;
  /** The server's programs. Default: those that `findPostgresBinaries` finds. */
  readonly binaries?: PostgresBinaries;
  readonly onProgress?: OnProgress;
  /** Ends the server when this process dies without calling `stop`. */
  readonly reaper?: Reaper;
  /** Default: that of this process. */
  readonly environment?: Environment;
}

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
  readonly dataDir: string;
  /** The server's own log. */
  readonly logFile: string;
  readonly binaries: PostgresBinaries;
  /** Connection string of the superuser to the database `postgres`. Holds the password. */
  readonly superuserUrl: string;
  /** Connection string of the superuser to a database of that name. Holds the password. */
  readonly databaseUrl: (name: string) => string;
  /** Makes an empty database unless it is there, and returns its connection string. */
  readonly createDatabase: (name: string) => Promise<string>;
  /** Fast shutdown, immediate after 20 s; removes what is temporary. May be called more than once. */
  readonly stop: () => Promise<void>;
}

/** Throws the Problems `postgres-not-found`, `postgres-not-initialised`, `postgres-password-unknown`, `postgres-not-started`. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const startedAt = performance.now();
  const launch = await prepare(options);
  const { dataDir, binaries, home } = launch;
  const port = await launchServer(launch);
  const pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  options.reaper?.guardProcess(pid, END_POSTGRES);
  const databaseUrl = urlMaker(port, readPassword(dataDir));
  const superuserUrl = databaseUrl('postgres');
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= takeDown(launch);
    return stopped;
  };
  const createDatabase = (name: string): Promise<string> => makeDatabase(superuserUrl, name, databaseUrl(name));
  launch.onProgress({
    kind: 'postgres-ready',
    version: binaries.version,
    port,
    elapsedMs: performance.now() - startedAt,
  });
  const facts = { host: HOST, port, pid, dataDir, logFile: home.logFile, binaries };
  return { ...facts, superuserUrl, databaseUrl, createDatabase, stop };
}

function urlMaker(port: number, password: string): (name: string) => string {
  return (name) => `postgresql://${SUPERUSER}:${password}@${HOST}:${port}/${encodeURIComponent(name)}`;
}

async function makeDatabase(superuserUrl: string, name: string, url: string): Promise<string> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return url;
}
