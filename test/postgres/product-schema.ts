/**
 * A database with the schema of one of the products' runbooks, as its migrations make it. It applies the files by the
 * migrator's own reading of them, one part at a time, and knows no ledger.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { type MigrationFile, readMigrationFiles, type SqlFile } from '../../src/migrator/files.ts';
import { analyseFile } from '../../src/migrator/statements.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const ORGANISATION = '00000000-0000-4000-8000-000000000001';

const SAMPLE = readFileSync(new URL('../../src/data/communication/core-stub-sample.sql', import.meta.url), 'utf8');

export type Product = 'communication' | 'authz';

export function migrationFilesOf(product: Product): Promise<readonly MigrationFile[]> {
  return readMigrationFiles({ directory: `migrations/${product}`, root: ROOT });
}

/** Runs one file, each of its parts as the migrator would. */
export async function runFile(client: pg.ClientBase, file: SqlFile): Promise<void> {
  for (const part of (await analyseFile(file)).parts) {
    if (part.kind === 'alone') await client.query(part.statement.text);
    else await client.query(`begin; ${part.statements.map(({ text }) => text).join(';\n')}; commit`);
  }
}

export interface ProductWorld extends TestDatabase {
  /** Runs one INSERT … RETURNING id and gives the id. */
  readonly insert: (sql: string, parameters?: readonly unknown[]) => Promise<string>;
}

/** The stub of core with its sample rows, and all migrations of the product. */
export async function migratedSchema(product: Product): Promise<ProductWorld> {
  const database = await freshDatabase({ template: 'core' });
  const client = await database.connect();
  await client.query(SAMPLE);
  for (const file of await migrationFilesOf(product)) await runFile(client, file.up);
  await client.end();
  const insert = async (sql: string, parameters?: readonly unknown[]) =>
    (await database.query<{ id: string }>(sql, parameters))[0]!.id;
  return { ...database, insert };
}

/** Another tenant. */
export function organisation({ insert }: ProductWorld, name = 'Another organisation'): Promise<string> {
  return insert('INSERT INTO core.organizations (name) VALUES ($1) RETURNING id', [name]);
}

let serial = 0;
/** A name that no other call has given. */
export const unique = (prefix = 'n'): string => `${prefix}-${++serial}`;

/** What PostgreSQL refused a statement with. */
export async function refusal(
  statement: Promise<unknown>,
): Promise<{ code: string; constraint: string; message: string }> {
  const error = await statement.then(
    () => undefined,
    (reason: unknown) => reason as { code: string; constraint: string; message: string },
  );
  if (error === undefined) throw new Error('nothing was refused');
  return { code: error.code, constraint: error.constraint, message: error.message };
}
