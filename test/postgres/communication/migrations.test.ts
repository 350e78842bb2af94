import { beforeAll, describe, expect, test } from 'vitest';
import { describeCatalog, describeMigrations, type ExpectedCatalog } from '../product-catalog.ts';
import { migratedWorld, organisation, type World } from './world.ts';

const COMMUNICATION: ExpectedCatalog = {
  product: 'communication',
  // Participants are the last.
  migrations: [
    '001_schema',
    '002_channels',
    '003_templates',
    '004_policies',
    '005_threads',
    '006_messages',
    '007_recipients',
    '008_delivery',
    '009_participants',
  ],
  alone: [
    'CREATE INDEX CONCURRENTLY idx_delivery_status_scheduled ON communication.delivery_attempts (status, scheduled_at)',
  ],
  tables: [
    'channels',
    'delivery_attempts',
    'message_recipients',
    'messages',
    'policies',
    'templates',
    'thread_participants',
    'threads',
  ],
  // Rows of the message's one recipient list are few: (message_id, user_id) serves both columns of the key.
  withoutIndex: ['communication.message_recipients: message_recipients_message_fkey'],
};

describeMigrations(COMMUNICATION);
describeCatalog(COMMUNICATION);

describe('a tenant', () => {
  let world: World;
  beforeAll(async () => {
    world = await migratedWorld();
  });

  test('leaves with an organisation, whatever it holds', async () => {
    const tenant = await organisation(world);
    await world.query(`
      WITH o AS (SELECT '${tenant}'::uuid AS id),
        c AS (INSERT INTO communication.channels (organization_id, key, kind, name) SELECT id, 'mail', 'email', 'Mail' FROM o RETURNING id),
        p AS (INSERT INTO communication.policies (organization_id, channel_id, key, name) SELECT o.id, c.id, 'own', 'Own' FROM o, c RETURNING id),
        t AS (INSERT INTO communication.templates (organization_id, channel_id, key, body) SELECT o.id, c.id, 'own', 'Hi' FROM o, c RETURNING id),
        h AS (INSERT INTO communication.threads (organization_id) SELECT id FROM o RETURNING id),
        m AS (INSERT INTO communication.messages (organization_id, thread_id, template_id, policy_id, body, idempotency_key)
              SELECT o.id, h.id, t.id, p.id, 'Hi', 'k' FROM o, h, t, p RETURNING id),
        r AS (INSERT INTO communication.message_recipients (organization_id, message_id, user_id)
              SELECT o.id, m.id, u.id FROM o, m, core.users u RETURNING id)
      INSERT INTO communication.thread_participants (organization_id, thread_id, user_id)
      SELECT o.id, h.id, u.id FROM o, h, core.users u`);
    await world.query(`
      INSERT INTO communication.delivery_attempts (organization_id, recipient_id, channel_id, policy_id)
      SELECT r.organization_id, r.id, c.id, p.id
        FROM communication.message_recipients r
        JOIN communication.channels c USING (organization_id)
        JOIN communication.policies p USING (organization_id)
       WHERE r.organization_id = '${tenant}'`);
    await world.query('DELETE FROM core.organizations WHERE id = $1', [tenant]);
    const [left] = await world.query(`
      SELECT (SELECT count(*)::int FROM communication.channels) AS channels,
             (SELECT count(*)::int FROM communication.messages) AS messages,
             (SELECT count(*)::int FROM communication.delivery_attempts) AS attempts,
             (SELECT count(*)::int FROM communication.thread_participants) AS participants`);
    expect(left).toEqual({ channels: 0, messages: 0, attempts: 0, participants: 0 });
  });
});
