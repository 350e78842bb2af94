/**
 * Databases for tests: each a fresh copy of a template in the run's one cluster, gone when the test file ends. It knows
 * nothing of what the tests put into them.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import './provided.ts';

/** `empty` has nothing in it; `core` has the stub of `core.users` and `core.organizations`. */
export type Template = 'empty' | 'core';

export interface TestDatabase {
  readonly name: string;
  /** Connection string of the superuser. */
  readonly url: string;
  /** Runs one statement, or several without parameters, on a pooled connection, and returns the rows (of the last one). */
  readonly query: <Row extends pg.QueryResultRow = Record<string, unknown>>(
    sql: string,
    parameters?: readonly unknown[],
  ) => Promise<Row[]>;
  /** A connection of its own, for transactions and locks. Closed with the database at the latest. */
  readonly connect: (config?: pg.ClientConfig) => Promise<pg.Client>;
  /** Ends its connections and removes it. Called at the end of the file in any case. */
  readonly drop: () => Promise<void>;
}

const databases = new Set<TestDatabase>();

afterAll(async () => {
  for (const database of databases) await database.drop();
});

/** A database of its own for the test that asks. Default template: `empty`. */
export async function freshDatabase({
  template = 'empty',
}: {
  readonly template?: Template;
} = {}): Promise<TestDatabase> {
  return databaseFrom(templateName(template));
}

/** A database as this one is now. Nobody may be connected to it meanwhile. */
export function cloneOf(database: TestDatabase): Promise<TestDatabase> {
  return databaseFrom(database.name);
}

async function databaseFrom(template: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onCluster(`create database ${name} template ${template}`);
  const database = openDatabase(name, urlOf(name), () => onCluster(`drop database if exists ${name} with (force)`));
  databases.add(database);
  return database;
}

/** Connection string of the superuser to another database of the run's cluster. */
export function urlOf(databaseName: string): string {
  const url = new URL(inject('postgres').superuserUrl);
  url.pathname = `/${databaseName}`;
  return url.href;
}

/** Runs a statement on the cluster's own database, such as `create role`. */
export async function onCluster(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgres').superuserUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function templateName(template: Template): string {
  if (template === 'empty') return 'template1';
  const { coreTemplate } = inject('postgres');
  if (!coreTemplate) throw new Error('no template `core`: src/data/communication/core-stub.sql is not there');
  return coreTemplate;
}

/** A database of a server that the test started itself; it goes with that server. */
export function databaseAt(url: string): TestDatabase {
  return openDatabase(new URL(url).pathname.slice(1), url, async () => {});
}

function openDatabase(name: string, url: string, removeDatabase: () => Promise<void>): TestDatabase {
  const pool = new pg.Pool({ connectionString: url, max: 5, allowExitOnIdle: true });
  const clients: pg.Client[] = [];
  pool.on('error', () => {});
  let dropped: Promise<void> | undefined;
  const remove = async (): Promise<void> => {
    // Not awaited: a connection that a test has frozen or killed never answers.
    for (const client of clients) client.end().catch(() => {});
    pool.end().catch(() => {});
    await removeDatabase();
  };
  const database: TestDatabase = {
    name,
    url,
    query: async <Row extends pg.QueryResultRow>(sql: string, parameters?: readonly unknown[]) => {
      const result = await pool.query<Row>(sql, parameters ? [...parameters] : undefined);
      return rowsOfLast(result);
    },
    connect: async (config = {}) => {
      const client = new pg.Client({ connectionString: url, ...config });
      // A test that has a backend terminated says so itself.
      client.on('error', () => {});
      clients.push(client);
      await client.connect();
      return client;
    },
    drop: () => {
      databases.delete(database);
      dropped ??= remove();
      return dropped;
    },
  };
  return database;
}

/** Several statements in one call give an array of results. */
function rowsOfLast<Row extends pg.QueryResultRow>(result: pg.QueryResult<Row> | pg.QueryResult<Row>[]): Row[] {
  return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
}
