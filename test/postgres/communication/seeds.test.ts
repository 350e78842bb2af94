import type pg from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import channels from '../../../src/data/communication/seed-channels.ts';
import policies from '../../../src/data/communication/seed-policies.ts';
import templates from '../../../src/data/communication/seed-templates.ts';
import { applySeed, undoSeed } from '../../../src/data/seed.ts';
import { isProblemError } from '../../../src/model/problem.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { channel, migratedWorld, migrationFiles, ORGANISATION, runFile, unique, type World } from './world.ts';

const ALL = [channels, templates, policies] as const;
const BY_HAND = { runId: null };
const RUN = { runId: 'run-1' };

let world: World;
let client: pg.Client;

beforeAll(async () => {
  world = await migratedWorld();
  client = await world.connect();
});

// As after the migrations: no seed was ever applied. Everything but the policies hangs on channels.
beforeEach(async () => {
  await world.query('DROP SCHEMA IF EXISTS drydock CASCADE');
  await world.query('TRUNCATE communication.channels, communication.policies CASCADE');
});

const countsOf = async () =>
  (
    await world.query(`
      SELECT (SELECT count(*)::int FROM communication.channels) AS channels,
             (SELECT count(*)::int FROM communication.templates) AS templates,
             (SELECT count(*)::int FROM communication.policies) AS policies`)
  )[0];
const journal = () =>
  world.query('SELECT seed, run_id, count(*)::int FROM drydock.seed_journal GROUP BY 1, 2 ORDER BY 1, 2');
const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (isProblemError(error) ? error.problem : error),
  );

describe('applying a seed', () => {
  test('inserts what is not there, journals it, and does nothing the second time', async () => {
    for (const seed of ALL) {
      const total = seed.rows().length;
      expect(await applySeed(client, seed, BY_HAND)).toEqual({ inserted: total, present: 0 });
      expect(await applySeed(client, seed, RUN)).toEqual({ inserted: 0, present: total });
    }
    expect(await countsOf()).toEqual({ channels: 4, templates: 6, policies: 3 });
    expect(await journal()).toEqual([
      { seed: 'channels', run_id: null, count: 4 },
      { seed: 'policies', run_id: null, count: 3 },
      { seed: 'templates', run_id: null, count: 6 },
    ]);
  });

  test('leaves a row that somebody else has under the same key', async () => {
    await world.query(`INSERT INTO communication.channels (key, kind, name) VALUES ('email', 'email', 'Ours')`);
    expect(await applySeed(client, channels, RUN)).toEqual({ inserted: 3, present: 1 });
    expect(await undoSeed(client, channels, RUN)).toEqual({ deleted: 3 });
    expect(await world.query('SELECT name FROM communication.channels')).toEqual([{ name: 'Ours' }]);
  });

  test('needs the tables, and says how to make them', async () => {
    const empty = await (await freshDatabase()).connect();
    expect(await problemOf(applySeed(empty, channels, BY_HAND))).toEqual({
      code: 'seed-requirement-missing',
      message: 'the seed channels cannot be applied',
      found: 'the database has no table communication.channels',
      next: 'pnpm tsx src/cli/communication-migrate.ts migrate --url $URL',
      retry: 'stop',
    });
    expect((await empty.query(`SELECT to_regnamespace('drydock') AS schema`)).rows).toEqual([{ schema: null }]);
  });

  test('of templates needs the channels, and says how to make them', async () => {
    expect(await problemOf(applySeed(client, templates, BY_HAND))).toMatchObject({
      found: 'the database has no channel in_app of the system',
      next: 'pnpm tsx src/data/communication/seed-channels.ts --url $URL',
    });
  });

  test('inserts all rows or none', async () => {
    const broken = { ...channels, rows: () => [...channels.rows(), { insert: 'SELECT 1 / 0 AS id', values: [] }] };
    expect(await problemOf(applySeed(client, broken, RUN))).toMatchObject({
      code: 'seed-failed',
      message: 'seeding channels failed: division by zero',
      sqlstate: '22012',
    });
    expect(await countsOf()).toMatchObject({ channels: 0 });
  });

  test('works when several begin at once on a database without a journal', async () => {
    const sessions = await Promise.all([1, 2, 3, 4].map(() => world.connect()));
    const results = await Promise.all(sessions.map((session) => applySeed(session, channels, BY_HAND)));
    expect(results.map(({ inserted }) => inserted).toSorted()).toEqual([0, 0, 0, 4]);
  });

  test('writes nothing for an owner that may no longer write', async () => {
    const guardSql = `DO $$ BEGIN RAISE 'too late' USING ERRCODE = 'DD001'; END $$`;
    expect(await problemOf(applySeed(client, channels, { ...RUN, guardSql }))).toMatchObject({ code: 'claim-lost' });
    expect(await problemOf(undoSeed(client, channels, { ...RUN, guardSql }))).toMatchObject({ code: 'claim-lost' });
    expect(await countsOf()).toMatchObject({ channels: 0 });
  });
});

describe('undoing a seed', () => {
  test('deletes what a run inserted, and nothing that was there before it', async () => {
    await applySeed(client, channels, BY_HAND);
    await world.query(`DELETE FROM communication.channels WHERE key IN ('sms', 'push')`);
    expect(await applySeed(client, channels, RUN)).toEqual({ inserted: 2, present: 2 });
    expect(await undoSeed(client, channels, RUN)).toEqual({ deleted: 2 });
    expect(await world.query('SELECT key FROM communication.channels ORDER BY key')).toEqual([
      { key: 'email' },
      { key: 'in_app' },
    ]);
    expect(await undoSeed(client, channels, RUN)).toEqual({ deleted: 0 });
  });

  test('does not touch what another run inserted', async () => {
    await applySeed(client, channels, { runId: 'run-0' });
    await applySeed(client, channels, RUN);
    expect(await undoSeed(client, channels, RUN)).toEqual({ deleted: 0 });
    expect(await countsOf()).toMatchObject({ channels: 4 });
  });

  test('by hand deletes all that the seed ever inserted, and leaves the rows of others', async () => {
    const own = await channel(world);
    await applySeed(client, channels, RUN);
    await applySeed(client, templates, BY_HAND);
    await applySeed(client, policies, RUN);
    for (const seed of ALL.toReversed()) await undoSeed(client, seed, BY_HAND);
    expect(await countsOf()).toEqual({ channels: 1, templates: 0, policies: 0 });
    expect(await world.query('SELECT id FROM communication.channels')).toEqual([{ id: own }]);
    expect(await journal()).toEqual([]);
  });

  test('leaves a row that took the place of one that was deleted', async () => {
    await applySeed(client, channels, RUN);
    await world.query(`DELETE FROM communication.channels WHERE key = 'email'`);
    await world.query(`INSERT INTO communication.channels (key, kind, name) VALUES ('email', 'email', 'Ours')`);
    expect(await undoSeed(client, channels, RUN)).toEqual({ deleted: 3 });
    expect(await world.query('SELECT name FROM communication.channels')).toEqual([{ name: 'Ours' }]);
  });

  test('does nothing where the journal or the table is gone', async () => {
    expect(await undoSeed(client, channels, RUN)).toEqual({ deleted: 0 });
    await applySeed(client, channels, RUN);
    const files = await migrationFiles();
    for (const file of files.toReversed()) await runFile(client, file.down!);
    expect(await undoSeed(client, channels, RUN)).toEqual({ deleted: 0 });
    expect(await journal()).toEqual([]);
    for (const file of files) await runFile(client, file.up);
  });

  test('refuses while other rows refer to what it would delete, and deletes nothing then', async () => {
    await applySeed(client, channels, BY_HAND);
    await world.query(
      `INSERT INTO communication.templates (organization_id, channel_id, key, body)
       SELECT $1, id, $2, 'x' FROM communication.channels WHERE key = 'email'`,
      [ORGANISATION, unique('t')],
    );
    expect(await problemOf(undoSeed(client, channels, BY_HAND))).toEqual({
      code: 'seed-in-use',
      message: 'the rows of the seed channels cannot be deleted',
      found: 'rows of communication.templates refer to them (templates_channel_id_fkey)',
      expected: 'rows that nothing refers to',
      next: 'undo the seeds that were applied after it, delete the rows that refer to them, or keep the seed',
      retry: 'stop',
    });
    expect(await countsOf()).toMatchObject({ channels: 4 });
    expect(await journal()).toEqual([{ seed: 'channels', run_id: null, count: 4 }]);
  });
});

test('seeding works after the tables were dropped and made again, and old journal entries go', async () => {
  const files = await migrationFiles();
  await applySeed(client, channels, BY_HAND);
  for (const file of files.toReversed()) await runFile(client, file.down!);
  for (const file of files) await runFile(client, file.up);
  expect(await applySeed(client, channels, RUN)).toEqual({ inserted: 4, present: 0 });
  expect(await journal()).toEqual([{ seed: 'channels', run_id: 'run-1', count: 4 }]);
});

test('the journal says what it is, on its table and on every column', async () => {
  await applySeed(client, channels, BY_HAND);
  const silent = await world.query(`
    SELECT attname FROM pg_attribute
     WHERE attrelid = 'drydock.seed_journal'::regclass AND attnum > 0 AND col_description(attrelid, attnum) IS NULL`);
  expect(silent).toEqual([]);
  const [table] = await world.query(`SELECT obj_description('drydock.seed_journal'::regclass, 'pg_class') AS comment`);
  expect(table).toEqual({ comment: 'The rows that seeds inserted and that an undo of the seed deletes.' });
});
