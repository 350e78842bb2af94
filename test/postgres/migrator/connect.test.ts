import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type Session } from '../../../src/postgres/connect.ts';
import { preflight } from '../../../src/postgres/preflight.ts';
import { freshDatabase, onCluster, type TestDatabase } from '../../support/postgres.ts';
import { startReplica } from '../../support/replica.ts';
import { problemOf, until } from './world.ts';

const role = `limited_${randomBytes(4).toString('hex')}`;
const sessions: Session[] = [];
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  await onCluster(`create role ${role} login password 'geheim' connection limit 1`);
});
afterAll(async () => {
  for (const session of sessions) await session.close();
  await database.drop();
  await onCluster(`drop role ${role}`);
});

async function open(options: Partial<Parameters<typeof connect>[0]> = {}): Promise<Session> {
  const session = await connect({ url: database.url, applicationName: 'test', ...options });
  sessions.push(session);
  return session;
}

const url = (changes: Partial<Record<'username' | 'password' | 'pathname' | 'port' | 'hostname', string>>): string =>
  Object.assign(new URL(database.url), changes).href;
const settingOf = async ({ client }: Session, name: string) =>
  (await client.query(`select current_setting($1) as value`, [name])).rows[0].value;

describe('a session', () => {
  it('knows its backend and the version of the server', async () => {
    const session = await open();
    const { rows } = await session.client.query('select pg_backend_pid() as pid');
    expect(session.pid).toBe(rows[0].pid);
    expect(session.serverVersion).toBeGreaterThanOrEqual(140_000);
    expect(session.describe).toBe(`postgres@${new URL(database.url).host}/${database.name}`);
  });

  it('has limits that a RESET of a script goes back to', async () => {
    const session = await open({ limits: { lockTimeoutMs: 321 } });
    await session.client.query('set lock_timeout = 0; reset all');
    expect(await settingOf(session, 'lock_timeout')).toBe('321ms');
    expect(await settingOf(session, 'client_connection_check_interval')).toBe('1s');
  });

  it('keeps the options of its URL', async () => {
    const session = await open({ url: `${database.url}?options=-c%20search_path%3Dapp` });
    expect(await settingOf(session, 'search_path')).toBe('app');
    expect(await settingOf(session, 'lock_timeout')).toBe('1s');
  });

  it('for reading is refused every write by the database', async () => {
    const { client } = await open({ purpose: 'read' });
    await expect(client.query('create table x ()')).rejects.toMatchObject({ code: '25006' });
  });

  it('that is cut off does not end the process, and says so at the next query', async () => {
    const session = await open();
    await database.query('select pg_terminate_backend($1)', [session.pid]);
    await expect(
      until(async () => {
        await session.client.query('select 1');
        return false;
      }),
    ).rejects.toThrow();
    await session.close();
  });
});

describe('a connection that cannot be opened', () => {
  const problem = (to: string, timeout?: number) =>
    problemOf(connect({ url: to, applicationName: 'test', ...(timeout ? { connectTimeoutMs: timeout } : {}) }));

  it('because nobody listens', async () => {
    expect(await problem('postgres://me:geheim@127.0.0.1:1/app')).toEqual({
      code: 'database-unreachable',
      message: 'no PostgreSQL server answers at this address',
      found: 'me@127.0.0.1:1/app: connect ECONNREFUSED 127.0.0.1:1',
      next: 'check host and port in the URL, and that the server is up and lets this machine in',
      retry: 'retry',
    });
  });

  it('because who listens says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await until(() => silent.listening);
    const { port } = silent.address() as { port: number };
    const found = await problem(`postgres://me:geheim@127.0.0.1:${port}/app`, 200);
    silent.close();
    expect(found).toMatchObject({ code: 'database-unreachable', found: `me@127.0.0.1:${port}/app: timeout expired` });
  });

  it('because the host is unknown', async () => {
    expect(await problem('postgres://me:geheim@no-such-host.invalid/app')).toMatchObject({
      code: 'database-host-unknown',
    });
  });

  it('because the database does not exist', async () => {
    expect(await problem(url({ pathname: '/nowhere' }))).toEqual({
      code: 'database-missing',
      message: 'the database of the URL does not exist',
      found: `postgres@${new URL(database.url).host}/nowhere: database "nowhere" does not exist`,
      next: 'create it, or correct the name at the end of the URL',
      retry: 'stop',
      sqlstate: '3D000',
    });
  });

  it('because the password is wrong, which is not repeated', async () => {
    const found = await problem(url({ username: role, password: 'falsch-geheim' }));
    expect(found).toMatchObject({ code: 'database-auth-failed', sqlstate: '28P01', retry: 'stop' });
    expect(JSON.stringify(found)).not.toContain('falsch');
  });

  it('because there are too many connections', async () => {
    const limited = url({ username: role, password: 'geheim' });
    const session = await open({ url: limited });
    expect(await problem(limited)).toMatchObject({ code: 'too-many-connections', sqlstate: '53300', retry: 'retry' });
    await session.close();
  });
});

describe('the preflight refuses', () => {
  const problem = async (to: string) => {
    const session = await open({ url: to });
    return problemOf(preflight(session.client, { schemas: ['app'], session: 'migrate' })).finally(() =>
      session.close(),
    );
  };

  it('nothing where all is well', async () => {
    const { client } = await open();
    await preflight(client, { schemas: ['app'], session: 'migrate' });
  });

  it('a role that may not create the schema', async () => {
    expect(await problem(url({ username: role, password: 'geheim' }))).toEqual({
      code: 'missing-rights',
      message: 'the role of the URL lacks rights that the migrations need',
      found: `role ${role} may not create the schema app in database ${database.name}`,
      expected: 'the right to create in the database and in the schemas that the migrations own',
      next: `connect as another role, or let an administrator run: GRANT CREATE ON DATABASE "${database.name}" TO "${role}"`,
      retry: 'stop',
    });
  });

  it('a role that may not create in the schema', async () => {
    await database.query('create schema app');
    expect(await problem(url({ username: role, password: 'geheim' }))).toMatchObject({
      code: 'missing-rights',
      found: `role ${role} may not create in the schema app`,
    });
    await database.query('drop schema app');
  });

  it('a database that takes no writes, whoever asks', async () => {
    const other = await freshDatabase();
    await onCluster(`alter database ${other.name} set default_transaction_read_only = on`);
    expect(await problem(other.url)).toMatchObject({ code: 'database-read-only', retry: 'stop' });
    const reading = await open({ url: other.url, purpose: 'read' });
    expect(await problemOf(preflight(reading.client, { schemas: ['app'], session: 'read' }))).toMatchObject({
      code: 'database-read-only',
    });
    await reading.close();
  });

  it('a replica', async () => {
    const replica = await startReplica(inject('postgres'));
    try {
      const on = new URL(replica.server.superuserUrl);
      expect(await problem(on.href)).toEqual({
        code: 'database-is-replica',
        message: 'this server is a replica',
        found: 'pg_is_in_recovery() is true: it replays another server and takes no writes',
        expected: 'the primary',
        next: 'pass the URL of the primary with --url',
        retry: 'stop',
      });
    } finally {
      await replica.stop();
    }
  });
});
