import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { migratedWorld, ORGANISATION, READER, thread, type World } from './world.ts';

const UNREAD = `
SELECT recipient.message_id, message.body
  FROM communication.message_recipients AS recipient
  JOIN communication.messages AS message ON message.id = recipient.message_id
 WHERE recipient.user_id = '${READER}' AND recipient.organization_id = '${ORGANISATION}'
   AND recipient.read_at IS NULL AND recipient.archived_at IS NULL AND message.deleted_at IS NULL
 ORDER BY recipient.created_at DESC LIMIT 50`;

const DUE = `
SELECT id FROM communication.delivery_attempts
 WHERE status = 'scheduled' AND scheduled_at <= now()
 ORDER BY scheduled_at LIMIT 50 FOR UPDATE SKIP LOCKED`;

let world: World;
let client: pg.Client;

beforeAll(async () => {
  world = await migratedWorld();
  client = await world.connect();
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** Node types of the plan, or the index where a node has one; without sequential scans where `seqScans` is off. */
async function planOf(sql: string, seqScans: 'on' | 'off'): Promise<string[]> {
  await client.query(`SET enable_seqscan = ${seqScans}`);
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`EXPLAIN (FORMAT JSON) ${sql}`);
  return nodesOf(rows[0]!['QUERY PLAN'][0].Plan).map((node) => node['Index Name'] ?? node['Node Type']);
}

/** Messages to 20 users each, of which one in 20 is unread, and as many deliveries as messages, half of them due. */
async function fill(messages: number): Promise<void> {
  await world.query(`
    INSERT INTO core.users (email, display_name)
    SELECT 'user' || n || '@example.test', 'User' FROM generate_series(1, 20) AS n ON CONFLICT DO NOTHING;
    INSERT INTO communication.channels (key, kind, name) VALUES ('fill', 'email', 'Fill') ON CONFLICT DO NOTHING;
    WITH message AS (
      INSERT INTO communication.messages (organization_id, thread_id, body, idempotency_key)
      SELECT '${ORGANISATION}', '${await thread(world)}', 'Hello', gen_random_uuid() FROM generate_series(1, ${messages})
      RETURNING id
    )
    INSERT INTO communication.message_recipients (organization_id, message_id, user_id, created_at, read_at)
    SELECT '${ORGANISATION}', message.id, u.id, now() - random() * interval '90 days',
           CASE WHEN random() < 0.95 THEN now() END
      FROM message CROSS JOIN core.users AS u;
    INSERT INTO communication.delivery_attempts (organization_id, recipient_id, channel_id, scheduled_at)
    SELECT organization_id, id, (SELECT id FROM communication.channels), now() + (random() - 0.5) * interval '1 day'
      FROM communication.message_recipients ORDER BY random() LIMIT ${messages} ON CONFLICT DO NOTHING`);
}

describe('the unread inbox and the delivery queue go by their indexes', () => {
  const unread = () => planOf(UNREAD, 'off');
  const due = () => planOf(DUE, 'off');

  test('on empty tables, once a sequential scan is out of the question', async () => {
    expect(await unread()).toContain('idx_recipients_user');
    expect(await due()).toContain('idx_delivery_status_scheduled');
    await world.query('ANALYZE');
    expect(await unread()).toContain('idx_recipients_user');
    expect(await due()).toContain('idx_delivery_status_scheduled');
  });

  test('on tables of a few rows, known to the planner or not', async () => {
    await fill(1);
    expect(await unread()).toContain('idx_recipients_user');
    await world.query('VACUUM ANALYZE');
    expect(await unread()).toContain('idx_recipients_user');
    expect(await due()).toContain('idx_delivery_status_scheduled');
  });

  test('on tables with many rows, without being pushed', async () => {
    await fill(500);
    await world.query('ANALYZE');
    expect(await planOf(UNREAD, 'on')).toContain('idx_recipients_user');
    expect(await planOf(DUE, 'on')).toEqual(['Limit', 'LockRows', 'idx_delivery_status_scheduled']);
  });
});
