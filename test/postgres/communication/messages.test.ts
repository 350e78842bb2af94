import { beforeAll, describe, expect, test } from 'vitest';
import {
  attempt,
  message,
  migratedWorld,
  ORGANISATION,
  organisation,
  READER,
  recipient,
  refusal,
  SENDER,
  thread,
  type World,
} from './world.ts';

let world: World;

beforeAll(async () => {
  world = await migratedWorld();
});

const read = async (id: string) =>
  (
    await world.query<Record<string, Date | string | null>>('SELECT * FROM communication.messages WHERE id = $1', [id])
  )[0]!;
const change = (id: string, set: string) => world.query(`UPDATE communication.messages SET ${set} WHERE id = $1`, [id]);

describe('the metadata of a message', () => {
  test.each<[string, unknown]>([
    ['nothing', {}],
    [
      'everything that has a meaning',
      {
        source: 'api',
        correlation_id: 'abc',
        locale: 'pt-BR',
        tags: ['a', 'b'],
        variables: { first_name: 'Ada', count: 3, urgent: true, link: null },
        attributes: { ticket: 17 },
      },
    ],
  ])('may say %s', async (_, metadata) => {
    await expect(message(world, { metadata: JSON.stringify(metadata) })).resolves.toBeDefined();
  });

  test.each<[string, unknown]>([
    ['a list', []],
    ['a text', 'a'],
    ['null', null],
    ['an unknown key', { tgas: [] }],
    ['a source that is no text', { source: 1 }],
    ['an empty source', { source: '' }],
    ['a source that is too long', { source: 'x'.repeat(201) }],
    ['a locale that is none', { locale: 'English' }],
    ['tags that are no list', { tags: 'a' }],
    ['tags that are no texts', { tags: ['a', 1] }],
    ['tags in tags', { tags: [['a']] }],
    ['variables that are no object', { variables: ['a'] }],
    ['attributes within attributes', { attributes: { a: { b: 1 } } }],
    ['lists within attributes', { attributes: { a: [1] } }],
    ['more than 16 KiB', { attributes: { a: 'x'.repeat(16_384) } }],
  ])('may not be %s', async (_, metadata) => {
    const refused = await refusal(message(world, { metadata: JSON.stringify(metadata) }));
    expect(refused.constraint).toBe('messages_metadata_shape');
  });
});

describe('an idempotency key', () => {
  test('is taken once per organisation', async () => {
    const stranger = await organisation(world);
    await message(world, { idempotency_key: 'order-17' });
    await message(world, {
      organization_id: stranger,
      thread_id: await thread(world, stranger),
      idempotency_key: 'order-17',
    });
    expect(await refusal(message(world, { idempotency_key: 'order-17' }))).toMatchObject({
      code: '23505',
      constraint: 'messages_idempotency_key',
    });
  });

  test('is required and not empty', async () => {
    expect((await refusal(message(world, { idempotency_key: null }))).code).toBe('23502');
    expect((await refusal(message(world, { idempotency_key: '' }))).constraint).toBe('messages_idempotency_key_length');
  });
});

describe('the times of a message', () => {
  test('edited_at is set when what it says changes, and not by hand', async () => {
    const id = await message(world);
    await change(id, `edited_at = '2001-01-01'`);
    expect((await read(id)).edited_at).toBeNull();
    await change(id, `retain_until = now() + interval '1 day'`);
    expect((await read(id)).edited_at).toBeNull();
    await change(id, `body = 'Hello again'`);
    const { edited_at, created_at } = await read(id);
    expect(edited_at!.valueOf()).toBeGreaterThanOrEqual(created_at!.valueOf() as number);
  });

  test('what it is and when it was written never changes', async () => {
    const id = await message(world);
    for (const set of [`created_at = '2001-01-01'`, `idempotency_key = 'other'`]) {
      expect(await refusal(change(id, set))).toEqual({
        code: '23514',
        constraint: 'messages_identity_fixed',
        message: 'organization_id, thread_id, idempotency_key or created_at of communication.messages never changes',
      });
    }
    expect((await refusal(change(id, `sender_id = '${READER}'`))).constraint).toBe('messages_guard_update');
  });

  test('a deleted message stays deleted, and may be emptied but not edited', async () => {
    const id = await message(world);
    await change(id, 'deleted_at = now()');
    expect((await refusal(change(id, 'deleted_at = NULL'))).message).toBe(
      'a deleted message stays deleted, and may only be emptied',
    );
    expect((await refusal(change(id, `body = 'Something else'`))).constraint).toBe('messages_guard_update');
    await change(id, `subject = NULL, body = '', metadata = '{}'`);
    expect(await read(id)).toMatchObject({ body: '', edited_at: null });
  });

  test('a message that stands is never empty', async () => {
    expect((await refusal(message(world, { body: '' }))).constraint).toBe('messages_body_not_empty');
  });

  test('a user who is deleted leaves their messages without a sender, and takes their inbox along', async () => {
    const user = await world.insert(
      `INSERT INTO core.users (email, display_name) VALUES ('gone@example.test', 'Gone') RETURNING id`,
    );
    const id = await message(world, { sender_id: user });
    await world.query(
      'INSERT INTO communication.message_recipients (organization_id, message_id, user_id) VALUES ($1, $2, $3)',
      [ORGANISATION, id, user],
    );
    await world.query('DELETE FROM core.users WHERE id = $1', [user]);
    expect(await read(id)).toMatchObject({ sender_id: null, edited_at: null });
    expect(await world.query('SELECT FROM communication.message_recipients WHERE message_id = $1', [id])).toEqual([]);
  });
});

describe('retention', () => {
  test('comes from the policy where the writer says nothing', async () => {
    const policy = await world.insert(
      `INSERT INTO communication.policies (key, name, message_retention) VALUES ('month', 'Month', '30 days') RETURNING id`,
    );
    const forEver = await world.insert(
      `INSERT INTO communication.policies (key, name) VALUES ('for_ever', 'For ever') RETURNING id`,
    );
    const created = { created_at: '2030-01-01T00:00:00Z' };
    const until = async (columns: Record<string, unknown>) =>
      (await read(await message(world, { ...created, ...columns }))).retain_until;
    expect(await until({ policy_id: policy })).toEqual(new Date('2030-01-31T00:00:00Z'));
    expect(await until({ policy_id: policy, retain_until: '2031-01-01T00:00:00Z' })).toEqual(
      new Date('2031-01-01T00:00:00Z'),
    );
    expect(await until({ policy_id: forEver })).toBeNull();
    expect(await until({})).toBeNull();
  });

  test('purging removes what has expired, in batches, with its recipients and attempts, and nothing else', async () => {
    const past = { created_at: '2001-01-01', retain_until: '2002-01-01' };
    const expired = await message(world, past);
    await attempt(world, { recipient_id: await recipient(world, expired) });
    await message(world, past);
    await message(world, past);
    const kept = await message(world, { retain_until: '2999-01-01', sender_id: SENDER });
    const purge = async () => (await world.query('SELECT communication.purge_expired_messages(2) AS count'))[0]!.count;
    expect([await purge(), await purge(), await purge()]).toEqual(['2', '1', '0']);
    expect(await read(kept)).toBeDefined();
  });
});
