/**
 * A database with the communication schema, and the least rows of each kind that a test can begin with. It applies the
 * files by the migrator's own reading of them, one part at a time, and knows no ledger.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { readMigrationFiles, type SqlFile } from '../../../src/migrator/files.ts';
import { analyseFile } from '../../../src/migrator/statements.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const ORGANISATION = '00000000-0000-4000-8000-000000000001';
export const SENDER = '00000000-0000-4000-8000-000000000011';
export const READER = '00000000-0000-4000-8000-000000000012';

const SAMPLE = readFileSync(new URL('../../../src/data/communication/core-stub-sample.sql', import.meta.url), 'utf8');

export const migrationFiles = () => readMigrationFiles({ directory: 'migrations/communication', root: ROOT });

/** Runs one file, each of its parts as the migrator would. */
export async function runFile(client: pg.ClientBase, file: SqlFile): Promise<void> {
  for (const part of (await analyseFile(file)).parts) {
    if (part.kind === 'alone') await client.query(part.statement.text);
    else await client.query(`begin; ${part.statements.map(({ text }) => text).join(';\n')}; commit`);
  }
}

export interface World extends TestDatabase {
  /** Runs one INSERT … RETURNING id and gives the id. */
  readonly insert: (sql: string, parameters?: readonly unknown[]) => Promise<string>;
}

/** The stub of core with its sample rows, and all nine migrations. */
export async function migratedWorld(): Promise<World> {
  const database = await freshDatabase({ template: 'core' });
  const client = await database.connect();
  await client.query(SAMPLE);
  for (const file of await migrationFiles()) await runFile(client, file.up);
  await client.end();
  const insert = async (sql: string, parameters?: readonly unknown[]) =>
    (await database.query<{ id: string }>(sql, parameters))[0]!.id;
  return { ...database, insert };
}

/** Another tenant. */
export function organisation({ insert }: World, name = 'Another organisation'): Promise<string> {
  return insert('INSERT INTO core.organizations (name) VALUES ($1) RETURNING id', [name]);
}

export function thread({ insert }: World, organisationId = ORGANISATION): Promise<string> {
  return insert('INSERT INTO communication.threads (organization_id) VALUES ($1) RETURNING id', [organisationId]);
}

let serial = 0;
/** A name that no other call has given. */
export const unique = (prefix = 'n'): string => `${prefix}-${++serial}`;

/** A message of the sample organisation in a thread of its own; `columns` are set on top. */
export async function message(world: World, columns: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const row: Readonly<Record<string, unknown>> = {
    organization_id: ORGANISATION,
    thread_id: columns.thread_id ?? (await thread(world)),
    sender_id: SENDER,
    body: 'Hello',
    idempotency_key: unique(),
    ...columns,
  };
  const names = Object.keys(row);
  const places = names.map((_, index) => `$${index + 1}`);
  return world.insert(
    `INSERT INTO communication.messages (${names.join(', ')}) VALUES (${places.join(', ')}) RETURNING id`,
    Object.values(row),
  );
}

/** A recipient of a message of its own. */
export async function recipient(world: World, messageId?: string): Promise<string> {
  return world.insert(
    `INSERT INTO communication.message_recipients (organization_id, message_id, user_id)
     VALUES ($1, $2, $3) RETURNING id`,
    [ORGANISATION, messageId ?? (await message(world)), READER],
  );
}

/** A channel of the system, or of an organisation. */
export function channel({ insert }: World, organisationId: string | null = null): Promise<string> {
  return insert(
    `INSERT INTO communication.channels (organization_id, key, kind, name) VALUES ($1, $2, 'email', 'E-mail') RETURNING id`,
    [organisationId, unique('c')],
  );
}

/** What an attempt is made with; everything else has its default. */
export type AttemptColumns = Readonly<Record<string, unknown>>;

/** The first attempt of a delivery to a recipient and on a channel of its own. */
export async function attempt(world: World, columns: AttemptColumns = {}): Promise<string> {
  const row: AttemptColumns = {
    organization_id: ORGANISATION,
    recipient_id: columns.recipient_id ?? (await recipient(world)),
    channel_id: columns.channel_id ?? (await channel(world)),
    ...columns,
  };
  const names = Object.keys(row);
  const places = names.map((_, index) => `$${index + 1}`);
  return world.insert(
    `INSERT INTO communication.delivery_attempts (${names.join(', ')}) VALUES (${places.join(', ')}) RETURNING id`,
    Object.values(row),
  );
}

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
