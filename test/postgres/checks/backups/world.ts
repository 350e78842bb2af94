/** What the tests of backups share: a checkout with dumps in it, a database, and what a check of it is given. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import type { CheckContext } from '../../../../src/checks/context.ts';
import { findPgDump } from '../../../../src/migrator/pg-dump.ts';
import type { BackupPolicy } from '../../../../src/model/backups.ts';
import { freshDatabase, type TestDatabase } from '../../../support/postgres.ts';
import { setupWorld, TARGET, type World } from '../world.ts';

const run = promisify(execFile);

export const HOUR_MS = 3_600_000;
export const LOGICAL = { kind: 'logical-backup', maxAgeMs: 4 * HOUR_MS } as const;
export const PITR = { kind: 'pitr-backup', maxAgeMs: 4 * HOUR_MS } as const;

const { major } = inject('postgres').binaries;
const program = await findPgDump(major);

export const CAN_DUMP = program !== undefined;
export const WITHOUT_DUMP = `there is no pg_dump for PostgreSQL ${major} on this machine`;

export interface BackupWorld extends World {
  readonly database: TestDatabase;
  readonly systemIdentifier: string;
  readonly oid: string;
  /** Of `database`, with these backups. */
  readonly asked: (backups: BackupPolicy, more?: Partial<CheckContext>) => CheckContext;
  /** By pg_dump itself, as a nightly job would; gives the absolute path. */
  readonly dump: (file: string, of?: TestDatabase, ...options: readonly string[]) => Promise<string>;
}

export async function setupBackups(): Promise<BackupWorld> {
  const [world, database] = await Promise.all([setupWorld(), freshDatabase()]);
  await database.query('create table a as select n, md5(n::text) from generate_series(1, 20000) n');
  const [facts] = await database.query<{ system: string; oid: string }>(
    `select system_identifier::text as system, oid::text as oid from pg_control_system(), pg_database
      where datname = current_database()`,
  );
  return {
    ...world,
    database,
    systemIdentifier: facts!.system,
    oid: facts!.oid,
    asked: (backups, more = {}) => world.context(database.url, { target: { ...TARGET, backups }, ...more }),
    dump: async (file, of = database, ...options) => {
      const absolute = path.join(world.root, file);
      await mkdir(path.dirname(absolute), { recursive: true });
      const format = options.length === 0 ? ['--format=custom'] : options;
      await run(program!, [...format, `--file=${absolute}`, of.url]);
      return absolute;
    },
  };
}
