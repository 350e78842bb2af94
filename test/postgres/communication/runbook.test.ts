import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { runValidation } from '../../../src/checks/validation.ts';
import { resolutionFor } from '../../../src/model/problem.ts';
import { problemFromPg } from '../../../src/postgres/problem-from-pg.ts';
import { type LoadedRunbook, loadRunbook } from '../../../src/runbook/load.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { migratedWorld, migrationFiles, ROOT, runFile, type World } from './world.ts';

let runbook: LoadedRunbook;
let world: World;
let client: pg.Client;

beforeAll(async () => {
  runbook = await loadRunbook('communication', ROOT);
  world = await migratedWorld();
  client = await world.connect();
});

const ITEMS = ['structural', 'indexes', 'foreign-keys', 'smoke-place', 'smoke'] as const;
const validate = (id: string, on: pg.Client = client) => runValidation(on, runbook.statements(id));

describe('the validations of runbooks/communication.yaml', () => {
  test('are these', () => {
    expect(runbook.definition.validation.map(({ id }) => id)).toEqual(ITEMS);
  });

  test.each(ITEMS)('%s passes on the migrated schema, and leaves nothing behind', async (id) => {
    expect(await validate(id)).toMatchObject({ status: 'passed' });
    expect(await world.query('SELECT FROM communication.threads')).toEqual([]);
    expect(await world.query('SELECT FROM communication.channels')).toEqual([]);
  });

  test('the smoke test passes again and again, whatever the planner knows', async () => {
    for (const preparation of ['ANALYZE', 'VACUUM ANALYZE', 'SELECT 1']) {
      await world.query(preparation);
      expect(await validate('smoke')).toMatchObject({ status: 'passed' });
    }
  });

  test('foreign keys are found under their full names, also where core is on the search path', async () => {
    const searching = await world.connect({ options: '-c search_path=core,communication' });
    expect(await validate('foreign-keys', searching)).toMatchObject({ status: 'passed' });
  });

  test.each([
    ['structural', 'DROP TABLE communication.delivery_attempts CASCADE', 'statement 1: null: delivery_attempts'],
    ['structural', 'DROP TABLE communication.thread_participants', 'statement 2: null: participants'],
    ['indexes', 'DROP INDEX communication.idx_recipients_user', 'statement 1: null: unread_idx'],
    ['smoke', 'DROP INDEX communication.idx_recipients_user', 'statement 3, its plan: '],
    ['smoke', 'DROP INDEX communication.idx_delivery_status_scheduled', 'statement 5, its plan: '],
    ['smoke-place', 'TRUNCATE core.users CASCADE', 'statement 2: no rows'],
    [
      'indexes',
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'communication.idx_delivery_status_scheduled'::regclass`,
      'statement 2: 1 row',
    ],
    ['foreign-keys', 'DROP TABLE core.users CASCADE', 'statement 1: not there: core.users'],
  ])('%s fails after %s', async (id, damage, found) => {
    const damaged = await migratedWorld();
    await damaged.query(damage);
    const outcome = await validate(id, await damaged.connect());
    expect(outcome).toMatchObject({ status: 'failed', problem: { code: 'validation-failed' } });
    expect(outcome.problem?.found).toContain(found);
  });

  test('the place for a sample message says what to do where core is empty', async () => {
    const empty = await freshDatabase({ template: 'core' });
    expect(await validate('smoke-place', await empty.connect())).toMatchObject({
      problem: {
        next: 'core.organizations or core.users has no rows, so no sample message can be written. Add an organisation and a user; in an integration environment: pnpm tsx src/data/communication/core-stub.ts --sample --url $URL',
      },
    });
  });
});

describe('the troubleshooting table answers', () => {
  /** The symptom of the entry that explains what a statement was refused with. */
  async function symptomOf(work: Promise<unknown>): Promise<string | undefined> {
    const error = await work.then(
      () => new Error('nothing was refused'),
      (reason: unknown) => reason,
    );
    const problem = problemFromPg(error, { doing: 'a test' });
    return resolutionFor(problem, runbook.definition.troubleshooting)?.symptom;
  }

  test('migrating without core', async () => {
    const database = await freshDatabase();
    const bare = await database.connect();
    const [schema, channels] = await migrationFiles();
    await runFile(bare, schema!.up);
    expect(await symptomOf(runFile(bare, channels!.up))).toBe('ERROR: schema "core" does not exist');
    await bare.query('ROLLBACK; CREATE SCHEMA core');
    expect(await symptomOf(runFile(bare, channels!.up))).toBe('ERROR: relation "core.users" does not exist');
  });

  test('a version that is in the ledger already', async () => {
    const database = await freshDatabase();
    await database.query(`
      CREATE TABLE schema_migrations (version text CONSTRAINT schema_migrations_pkey PRIMARY KEY);
      INSERT INTO schema_migrations VALUES ('001')`);
    expect(await symptomOf(database.query(`INSERT INTO schema_migrations VALUES ('001')`))).toBe(
      'duplicate key value violates unique constraint communication.schema_migrations_pkey',
    );
  });

  test('a template whose body lacks a variable', async () => {
    const template = world.query(`
      WITH channel AS (INSERT INTO communication.channels (key, kind, name) VALUES ('c', 'email', 'C') RETURNING id)
      INSERT INTO communication.templates (channel_id, key, body, variables) SELECT id, 't', 'Hi', '["name"]' FROM channel`);
    expect(await symptomOf(template)).toBe('CHECK constraint "templates_body_covers_variables" is violated');
  });

  test('a constraint that existing rows violate', async () => {
    const database = await freshDatabase();
    await database.query('CREATE TABLE templates AS SELECT 1 AS body');
    const adding = database.query(
      'ALTER TABLE templates ADD CONSTRAINT templates_body_covers_variables CHECK (body > 1)',
    );
    expect(await symptomOf(adding)).toBe('CHECK constraint "templates_body_covers_variables" is violated');
  });

  test('an index that a cancelled build left behind', async () => {
    await client.query('BEGIN');
    const again = client.query(
      'CREATE INDEX idx_delivery_status_scheduled ON communication.delivery_attempts (status, scheduled_at)',
    );
    expect(await symptomOf(again)).toBe('timeout on idx_delivery_status_scheduled');
    await client.query('ROLLBACK');
  });

  test('nothing else', async () => {
    expect(await symptomOf(world.query('SELECT 1 / 0'))).toBeUndefined();
  });
});
