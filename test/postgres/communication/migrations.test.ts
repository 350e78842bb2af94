import { beforeAll, describe, expect, test } from 'vitest';
import type { SqlFile } from '../../../src/migrator/files.ts';
import { diffFingerprints, fingerprint } from '../../../src/migrator/fingerprint.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { migratedWorld, migrationFiles, organisation, refusal, runFile, type World } from './world.ts';

const SCOPE = { schemas: ['communication'], ledgerSchema: 'communication' };
const CORE = { schemas: ['core'], ledgerSchema: 'communication' };

describe('the nine migrations', () => {
  test('are in the order in which participants is the last', async () => {
    const names = (await migrationFiles()).map(({ version, name }) => `${version}_${name}`);
    expect(names).toEqual([
      '001_schema',
      '002_channels',
      '003_templates',
      '004_policies',
      '005_threads',
      '006_messages',
      '007_recipients',
      '008_delivery',
      '009_participants',
    ]);
  });

  test('go up, down and up again, each to the same catalog', async () => {
    const database = await freshDatabase({ template: 'core' });
    const client = await database.connect();
    const coreBefore = await fingerprint(client, CORE);
    const catalogAfter = async (file: SqlFile) => {
      await runFile(client, file);
      return fingerprint(client, SCOPE);
    };
    const files = await migrationFiles();
    for (const file of files) {
      const before = await fingerprint(client, SCOPE);
      const first = await catalogAfter(file.up);
      expect(diffFingerprints(before, await catalogAfter(file.down!)), `${file.down!.path} undoes it`).toEqual([]);
      expect(diffFingerprints(first, await catalogAfter(file.up)), `${file.up.path} makes the same again`).toEqual([]);
      expect(first.digest).not.toBe(before.digest);
    }
    for (const file of files.toReversed()) await runFile(client, file.down!);
    expect((await fingerprint(client, SCOPE)).objects).toEqual([]);
    expect(diffFingerprints(coreBefore, await fingerprint(client, CORE))).toEqual([]);
  });

  test('all but the last index of 008 can be in a transaction', async () => {
    const { analyseFile } = await import('../../../src/migrator/statements.ts');
    const parts: string[] = [];
    for (const file of await migrationFiles()) {
      const alone = (await analyseFile(file.up)).parts.filter((part) => part.kind === 'alone');
      parts.push(...alone.map((part) => part.statement.text.split('\n')[0]!));
      expect((await analyseFile(file.down!)).parts).toHaveLength(1);
    }
    expect(parts).toEqual([
      'CREATE INDEX CONCURRENTLY idx_delivery_status_scheduled ON communication.delivery_attempts (status, scheduled_at)',
    ]);
  });

  test('the last down refuses to drop a schema that holds what no migration made', async () => {
    const database = await freshDatabase({ template: 'core' });
    const client = await database.connect();
    const [schema] = await migrationFiles();
    await runFile(client, schema!.up);
    await client.query('CREATE TABLE communication.somebody_elses (id int)');
    expect((await refusal(runFile(client, schema!.down!))).code).toBe('2BP01');
  });
});

describe('the finished schema', () => {
  let world: World;
  beforeAll(async () => {
    world = await migratedWorld();
  });

  test('has the tables that the runbook names', async () => {
    const rows = await world.query(
      `SELECT relname FROM pg_class WHERE relnamespace = 'communication'::regnamespace AND relkind = 'r' ORDER BY 1`,
    );
    expect(rows.map(({ relname }) => relname)).toEqual([
      'channels',
      'delivery_attempts',
      'message_recipients',
      'messages',
      'policies',
      'templates',
      'thread_participants',
      'threads',
    ]);
  });

  test('has a comment on the schema, every table, column, function and index that no constraint made', async () => {
    const silent = await world.query(`
      WITH here AS (SELECT 'communication'::regnamespace AS oid)
      SELECT 'schema' AS what FROM here WHERE obj_description(oid, 'pg_namespace') IS NULL
      UNION ALL
      SELECT c.oid::regclass || coalesce('.' || a.attname, '')
        FROM here JOIN pg_class c ON c.relnamespace = here.oid AND c.relkind = 'r'
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE coalesce(col_description(c.oid, a.attnum), '') = ''
      UNION ALL
      SELECT c.oid::regclass::text FROM here JOIN pg_class c ON c.relnamespace = here.oid AND c.relkind = 'r'
       WHERE obj_description(c.oid, 'pg_class') IS NULL
      UNION ALL
      SELECT p.oid::regprocedure::text FROM here JOIN pg_proc p ON p.pronamespace = here.oid
       WHERE obj_description(p.oid, 'pg_proc') IS NULL
      UNION ALL
      SELECT c.oid::regclass::text FROM here JOIN pg_class c ON c.relnamespace = here.oid AND c.relkind = 'i'
       WHERE obj_description(c.oid, 'pg_class') IS NULL
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u'))`);
    expect(silent).toEqual([]);
  });

  test('has an index for every foreign key, so that deleting a parent never reads a whole table', async () => {
    const bare = await world.query(`
      SELECT conrelid::regclass || ': ' || conname AS key FROM pg_constraint k
       WHERE connamespace = 'communication'::regnamespace AND contype = 'f'
         AND NOT EXISTS (
           SELECT FROM pg_index i
            WHERE i.indrelid = k.conrelid
              AND (SELECT array_agg(column_number ORDER BY column_number)
                     FROM unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) AS column_number)
                = (SELECT array_agg(column_number ORDER BY column_number) FROM unnest(k.conkey) AS column_number)
              AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) ~ ' IS NOT NULL\\)$'))
       ORDER BY 1`);
    // Rows of the message's one recipient list are few: (message_id, user_id) serves both columns of the key.
    expect(bare.map(({ key }) => key)).toEqual(['communication.message_recipients: message_recipients_message_fkey']);
  });

  test('points to core.users and core.organizations and nowhere else outside', async () => {
    const rows = await world.query(`
      SELECT DISTINCT confrelid::regclass::text AS target FROM pg_constraint
       WHERE connamespace = 'communication'::regnamespace AND contype = 'f' AND confrelid::regclass::text LIKE 'core.%'
       ORDER BY 1`);
    expect(rows.map(({ target }) => target)).toEqual(['core.organizations', 'core.users']);
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
