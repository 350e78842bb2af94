/**
 * A database and a directory of migrations of one test's own, and migrators on them whose events are kept. Waits are short
 * here, so that a test about waiting does not take long.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { DEFAULT_LOCK_POLICY, type LockPolicy } from '../../../src/migrator/lock-policy.ts';
import { type Migrator, type MigratorOptions, openMigrator } from '../../../src/migrator/migrator.ts';
import type { MigratorEvent } from '../../../src/model/migrator-event.ts';
import { freshDatabase, type Template, type TestDatabase } from '../../support/postgres.ts';

export { problemOf } from '../../support/problem-of.ts';

/** Up and down SQL by `NNN_name`. */
export type Migrations = Readonly<Record<string, readonly [up: string, down: string]>>;

export interface World {
  readonly database: TestDatabase;
  /** The root that paths are relative to; migrations are in `migrations/app` below it. */
  readonly root: string;
  /** What all migrators of this world told, in order. */
  readonly events: MigratorEvent[];
  /** Opens a migrator, closed with the world. */
  readonly open: (options?: Partial<MigratorOptions>) => Migrator;
  /** Writes or replaces a file of the migrations. */
  readonly write: (fileName: string, sql: string) => Promise<void>;
  readonly remove: (fileName: string) => Promise<void>;
  /** Versions in the ledger with their progress: `001 1/1`, `002 0/1 unfinished`. */
  readonly ledger: () => Promise<string[]>;
}

/** Tries come fast and end after two seconds. */
export const HASTY: LockPolicy = {
  ...DEFAULT_LOCK_POLICY,
  lockTimeoutMs: 100,
  totalMs: 2_000,
  pausesMs: [20, 50],
  concurrentLockTimeoutMs: 20_000,
  migratorWaitMs: 20_000,
};

const roots: string[] = [];
const migrators: Migrator[] = [];

afterAll(async () => {
  for (const migrator of migrators) await migrator.close();
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

/** Default migrations: a schema `app`, a table with an index, a table that refers to it. */
export async function setup({
  migrations = SIMPLE,
  template = 'empty',
}: {
  readonly migrations?: Migrations;
  readonly template?: Template;
} = {}): Promise<World> {
  const database = await freshDatabase({ template });
  const root = await mkdtemp(path.join(tmpdir(), 'drydock-test-'));
  roots.push(root);
  const directory = path.join(root, 'migrations/app');
  await mkdir(directory, { recursive: true });
  const write = (fileName: string, sql: string) => writeFile(path.join(directory, fileName), sql);
  for (const [name, [up, down]] of Object.entries(migrations)) {
    await write(`${name}.up.sql`, up);
    await write(`${name}.down.sql`, down);
  }
  const events: MigratorEvent[] = [];
  const open = (options: Partial<MigratorOptions> = {}) => {
    const migrator = openMigrator({ ...defaults(database.url, root, events), ...options });
    migrators.push(migrator);
    return migrator;
  };
  const remove = (fileName: string) => rm(path.join(directory, fileName));
  return { database, root, events, open, write, remove, ledger: () => readLedgerLines(database) };
}

export const SIMPLE: Migrations = {
  '001_schema': ['create schema app;', 'drop schema app;'],
  '002_parents': [
    'create table app.parents (id int primary key, name text not null);\ncreate index parents_name on app.parents (name);',
    'drop table app.parents;',
  ],
  '003_children': [
    'create table app.children (id int primary key, parent_id int not null references app.parents (id));',
    'drop table app.children;',
  ],
};

function defaults(url: string, root: string, events: MigratorEvent[]): MigratorOptions {
  return {
    url,
    root,
    directory: 'migrations/app',
    schemas: ['app'],
    ledgerSchema: 'app',
    owner: { appliedBy: 'tester', runId: null },
    claim: { kind: 'standalone' },
    saveDirectory: 'saved',
    lockPolicy: HASTY,
    onEvent: (event) => events.push(event),
  };
}

async function readLedgerLines(database: TestDatabase): Promise<string[]> {
  const [there] = await database.query<{ there: boolean }>(
    `select to_regclass('app.schema_migrations') is not null as there`,
  );
  if (!there!.there) return [];
  const rows = await database.query<{ line: string }>(
    `select version || ' ' || parts_done || '/' || parts_total || case when finished_at is null then ' unfinished' else '' end as line
       from app.schema_migrations order by version`,
  );
  return rows.map(({ line }) => line);
}

/** Resolves once `question` answers true; asked every 20 ms. The test's own timeout is the limit. */
export async function until(question: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await question())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Advisory locks of this database, those waited for included; the cluster has other databases too. */
export async function advisoryLocks(database: TestDatabase): Promise<{ readonly granted: boolean }[]> {
  return database.query<{ granted: boolean }>(
    `select granted from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  );
}

/** Kinds of the events, in order. */
export function kinds(events: readonly MigratorEvent[]): string[] {
  return events.map((event) => event.kind);
}
