/** A database with the communication schema, and the least rows of each kind that a test can begin with. */
import { migratedSchema, migrationFilesOf, ORGANISATION, type ProductWorld, unique } from '../product-schema.ts';

export { ORGANISATION, organisation, ROOT, refusal, runFile, unique } from '../product-schema.ts';

export const SENDER = '00000000-0000-4000-8000-000000000011';
export const READER = '00000000-0000-4000-8000-000000000012';

export type World = ProductWorld;

export const migrationFiles = () => migrationFilesOf('communication');
export const migratedWorld = () => migratedSchema('communication');

export function thread({ insert }: World, organisationId = ORGANISATION): Promise<string> {
  return insert('INSERT INTO communication.threads (organization_id) VALUES ($1) RETURNING id', [organisationId]);
}

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
