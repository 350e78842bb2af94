/**
 * A database made for one rehearsal and dropped in every case. While it is in use a session of ours sits on it, so that
 * whoever looks for leftovers of killed rehearsals can tell one that is alive from one that is not.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { connect, type Session } from '../../postgres/connect.ts';
import { asRehearsalProblem } from './rehearsal-problems.ts';

export const THROW_AWAY_PREFIX = 'drydock_rehearsal_';
export const THROW_AWAY_COMMENT = 'Made by a Drydock rehearsal, and dropped with it.';
export const APPLICATION_NAME = 'drydock:rehearsal';

export interface ThrowAway {
  readonly name: string;
  /** Holds the password of the URL it was made with. */
  readonly url: string;
  /** Sits on the database for as long as it is in use; free for questions. */
  readonly session: Session;
  /** Ends every connection to it and drops it. May be called more than once. */
  drop(): Promise<void>;
}

export interface ThrowAwayPlan {
  /** A URL of the server; its own database is only used to make and drop the other. */
  readonly maintenanceUrl: string;
  /** What follows `create database <name>`, such as `template template0 encoding 'UTF8'`. */
  readonly options: string;
  /** Settings that the target database has of its own, as `name=value`; those that may not be set are left out. */
  readonly settings: readonly string[];
}

/** Errors: `rehearsal-database-failed`, and those of connecting. */
export async function makeThrowAway({ maintenanceUrl, options, settings }: ThrowAwayPlan): Promise<ThrowAway> {
  const name = `${THROW_AWAY_PREFIX}${randomBytes(6).toString('hex')}`;
  const url = withDatabase(maintenanceUrl, name);
  const drop = () => dropDatabase(maintenanceUrl, name);
  const maintenance = await openMaintenance(maintenanceUrl);
  try {
    await maintenance.client.query(`create database ${name} ${options} connection limit ${birthMark(Date.now())}`);
    await maintenance.client.query(`comment on database ${name} is ${pg.escapeLiteral(commentNow())}`);
    for (const setting of settings) await keepSetting(maintenance.client, name, setting);
    const session = await connect({ url, applicationName: APPLICATION_NAME });
    let dropped: Promise<void> | undefined;
    return {
      name,
      url,
      session,
      drop: () => {
        dropped ??= session.close().then(drop);
        return dropped;
      },
    };
  } catch (error) {
    await drop().catch(() => undefined);
    throw asRehearsalProblem(error, 'making the throw-away database');
  } finally {
    await maintenance.close();
  }
}

/** For making and dropping databases; a target whose traffic is held is read-only for everybody who does not say otherwise. */
export async function openMaintenance(url: string): Promise<Session> {
  const session = await connect({ url, applicationName: APPLICATION_NAME });
  await session.client.query('set default_transaction_read_only = off');
  return session;
}

/** The same server and role, another database. */
export function withDatabase(url: string, name: string): string {
  const other = new URL(url.replace('@/', '@localhost/'));
  other.pathname = `/${encodeURIComponent(name)}`;
  return other.href;
}

/**
 * Minutes since 1970, as a limit that nobody reaches: the only thing that a database can be told of itself in the statement that
 * makes it, so that one whose maker was killed right after it is known, too.
 */
export function birthMark(nowMs: number): number {
  return Math.floor(nowMs / 60_000);
}

/** The comment says when, because PostgreSQL does not keep when a database was made. */
function commentNow(): string {
  return `${THROW_AWAY_COMMENT} Since ${new Date().toISOString()}`;
}

/** A setting of the database that this role may not set is one that its migrations do not see either. */
async function keepSetting(client: pg.Client, database: string, setting: string): Promise<void> {
  const at = setting.indexOf('=');
  const value = setting.slice(at + 1);
  // A list such as search_path is stored as it was written, quotes and all.
  const list = ['search_path', 'temp_tablespaces'].includes(setting.slice(0, at));
  const sql = `alter database ${database} set ${pg.escapeIdentifier(setting.slice(0, at))} = ${list ? value || "''" : pg.escapeLiteral(value)}`;
  await client.query(sql).catch(() => undefined);
}

async function dropDatabase(maintenanceUrl: string, name: string): Promise<void> {
  const maintenance = await openMaintenance(maintenanceUrl);
  try {
    await maintenance.client.query(`drop database if exists ${name} with (force)`);
  } catch (error) {
    throw asRehearsalProblem(error, `dropping the throw-away database ${name}`);
  } finally {
    await maintenance.close();
  }
}
