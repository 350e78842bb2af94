/** A database whose mirrors lose rows, and the way there and back. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import type { MigratorEvent } from '../../../src/model/migrator-event.ts';
import { type Migrations, setup, type World } from './world.ts';

export const run = promisify(execFile);

const SERVER = inject('postgres').binaries.major;

export const SCHEMA = ['create schema app;', 'drop schema app;'] as const;

export const migrated = async (migrations: Migrations, rows: string): Promise<World> => {
  const world = await setup({ migrations: { '001_schema': SCHEMA, ...migrations } });
  await world.open().migrate();
  await world.database.query(rows);
  return world;
};

export const savedOf = (events: readonly MigratorEvent[]) => events.findLast((event) => event.kind === 'rows-saved')!;

export const BIG: Migrations = {
  '002_t': ['create table app.t (id int primary key, filler text);', 'drop table app.t;'],
};

/** Puts a pg_dump of this major version, default the server's own, that runs `script`, first on the path. */
export async function withPgDump<T>(script: string, work: () => Promise<T>, major = SERVER): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'drydock-pg-dump-'));
  await writePgDump(folder, script, major);
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  try {
    return await work();
  } finally {
    process.env.PATH = before;
    await rm(folder, { recursive: true, force: true });
  }
}

export async function writePgDump(folder: string, script: string, major = SERVER): Promise<void> {
  const program = path.join(folder, 'pg_dump');
  const answer = `if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) ${major}.0"; exit 0; fi`;
  await writeFile(program, `#!/bin/sh\n${answer}\n${script}\n`);
  await chmod(program, 0o755);
}
