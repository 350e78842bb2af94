import { beforeAll, describe, expect, test } from 'vitest';
import {
  attempt,
  channel,
  message,
  migratedWorld,
  ORGANISATION,
  organisation,
  READER,
  recipient,
  refusal,
  thread,
  unique,
  type World,
} from './world.ts';

let world: World;
let stranger: string;

beforeAll(async () => {
  world = await migratedWorld();
  stranger = await organisation(world);
});

const policy = (organisationId: string | null, channelId: string | null = null) =>
  world.insert(
    `INSERT INTO communication.policies (organization_id, channel_id, key, name) VALUES ($1, $2, $3, 'P') RETURNING id`,
    [organisationId, channelId, unique('p')],
  );
const template = (organisationId: string | null, channelId: string) =>
  world.insert(
    `INSERT INTO communication.templates (organization_id, channel_id, key, body) VALUES ($1, $2, $3, 'x') RETURNING id`,
    [organisationId, channelId, unique('t')],
  );

describe('a row cannot belong to another organisation than what it hangs on', () => {
  test('a message and its thread', async () => {
    const foreign = await thread(world, stranger);
    expect(await refusal(message(world, { thread_id: foreign }))).toMatchObject({
      code: '23503',
      constraint: 'messages_thread_fkey',
    });
  });

  test('a recipient and its message', async () => {
    const foreign = await message(world, { organization_id: stranger, thread_id: await thread(world, stranger) });
    expect(await refusal(recipient(world, foreign))).toMatchObject({
      code: '23503',
      constraint: 'message_recipients_message_fkey',
    });
  });

  test('a delivery attempt and its recipient', async () => {
    const foreign = attempt(world, { organization_id: stranger, recipient_id: await recipient(world) });
    expect(await refusal(foreign)).toMatchObject({ code: '23503', constraint: 'delivery_attempts_recipient_fkey' });
  });

  test('a participant and their thread', async () => {
    const added = world.query(
      'INSERT INTO communication.thread_participants (organization_id, thread_id, user_id) VALUES ($1, $2, $3)',
      [ORGANISATION, await thread(world, stranger), READER],
    );
    expect(await refusal(added)).toMatchObject({ code: '23503', constraint: 'thread_participants_thread_fkey' });
  });
});

describe('channels, templates and policies are those of the same organisation or of the system', () => {
  test('what belongs to the system is open to everybody', async () => {
    const shared = await channel(world);
    await template(ORGANISATION, shared);
    await policy(stranger, shared);
    await message(world, { template_id: await template(null, shared), policy_id: await policy(null) });
    await attempt(world, { channel_id: shared, policy_id: await policy(null, shared) });
  });

  test('what belongs to an organisation is open to it', async () => {
    const own = await channel(world, ORGANISATION);
    const columns = { template_id: await template(ORGANISATION, own), policy_id: await policy(ORGANISATION, own) };
    await message(world, columns);
    await attempt(world, { channel_id: own, policy_id: columns.policy_id });
  });

  test('what belongs to another organisation is refused', async () => {
    const foreign = await channel(world, stranger);
    const foreignTemplate = await template(stranger, foreign);
    const foreignPolicy = await policy(stranger);
    expect(await refusal(template(ORGANISATION, foreign))).toEqual({
      code: '23514',
      constraint: 'templates_channel_scope',
      message: 'channel_id of communication.templates names a row of channels that belongs to another organisation',
    });
    expect((await refusal(policy(ORGANISATION, foreign))).constraint).toBe('policies_channel_scope');
    expect((await refusal(message(world, { template_id: foreignTemplate }))).constraint).toBe(
      'messages_template_scope',
    );
    expect((await refusal(message(world, { policy_id: foreignPolicy }))).constraint).toBe('messages_policy_scope');
    expect((await refusal(attempt(world, { channel_id: foreign }))).constraint).toBe('delivery_attempts_channel_scope');
    expect((await refusal(attempt(world, { policy_id: foreignPolicy }))).constraint).toBe(
      'delivery_attempts_policy_scope',
    );
  });

  test('what belongs to the system cannot hang on one organisation', async () => {
    expect((await refusal(template(null, await channel(world, ORGANISATION)))).constraint).toBe(
      'templates_channel_scope',
    );
  });

  test('a later change is looked at too', async () => {
    const id = await message(world);
    const change = world.query('UPDATE communication.messages SET policy_id = $2 WHERE id = $1', [
      id,
      await policy(stranger),
    ]);
    expect((await refusal(change)).constraint).toBe('messages_policy_scope');
  });
});

test.each([
  ['channels', () => channel(world)],
  ['templates', async () => template(null, await channel(world))],
  ['policies', () => policy(null)],
  ['threads', () => thread(world)],
  ['messages', () => message(world)],
  ['message_recipients', () => recipient(world)],
  ['delivery_attempts', () => attempt(world)],
] as const)('a row of %s never changes its organisation', async (table, make) => {
  const id = await make();
  const change = world.query(`UPDATE communication.${table} SET organization_id = $2 WHERE id = $1`, [id, stranger]);
  expect((await refusal(change)).code).toBe('23514');
});
