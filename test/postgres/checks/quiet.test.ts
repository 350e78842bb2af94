import type pg from 'pg';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { proveQuiet } from '../../../src/checks/prove-quiet.ts';
import { checkQuiet } from '../../../src/checks/quiet.ts';
import { describeOffender, sampleQuiet } from '../../../src/checks/quiet-sample.ts';
import type { HeldThing } from '../../../src/drain/held-thing.ts';
import { holdFor } from '../../../src/drain/registry.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { setupWorld, TARGET, type World } from './world.ts';

const SPEC = { kind: 'quiet' } as const;
const SCOPE = { schemas: ['harbour'], alsoTables: ['core.users'] };
const INSERT = 'insert into core.users values (gen_random_uuid())';

let world: World;
let database: TestDatabase;
let looker: pg.Client;

beforeAll(async () => {
  world = await setupWorld();
  database = await freshDatabase();
  await database.query(`create schema core; create table core.users (id uuid primary key);
    create table core.others (id int); create table core.berth_kinds (id int primary key);
    create schema harbour; create table harbour.moorings (kind_id int references core.berth_kinds (id))`);
  looker = await database.connect({ application_name: 'drydock:test' });
});

const open: pg.Client[] = [];

/** A session of some application, with one statement run in a transaction that stays open. */
async function transactionOf(application: string, sql: string): Promise<pg.Client> {
  const client = await database.connect({ application_name: application });
  open.push(client);
  await client.query('begin');
  await client.query(sql);
  return client;
}

afterEach(async () => {
  for (const client of open.splice(0)) await client.query('rollback').catch(() => undefined);
});

function contextWith(drainMs: number, drainTimeoutMs: number) {
  const window = { approvalTimeoutMs: 1, drainMs, drainTimeoutMs };
  return world.context(database.url, { window });
}

describe('the check "quiet"', () => {
  it('passes once nobody was at work for the time of the drain', async () => {
    const lines: string[] = [];
    const context = { ...contextWith(500, 5_000), onProgress: (line: string) => lines.push(line) };
    expect(await checkQuiet(context, SPEC)).toEqual({
      status: 'passed',
      summary: expect.stringMatching(/^quiet for [\d.]+ m?s on 3 tables$/),
      evidence: [
        { name: 'quiet without a break', value: expect.stringMatching(/^[\d.]+ m?s$/), limit: '500 ms' },
        { name: 'waited', value: expect.stringMatching(/^[\d.]+ m?s$/) },
        { name: 'tables', value: 'core.berth_kinds, core.users, harbour.moorings' },
        { name: 'looks', value: expect.stringMatching(/^\d+$/) },
        { name: 'broken', value: '0 times' },
      ],
      measuredAt: expect.any(String),
    });
    expect(lines[0]).toBe('quiet for 0 ms of 500 ms');
  });

  it('fails while a transaction sits on a lock, and names who holds it without what it said', async () => {
    const client = await transactionOf('billing', INSERT);
    const pid = (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
    const outcome = await checkQuiet(contextWith(200, 400), SPEC);
    const holder = `pid ${pid} \\(billing, user postgres, from 127\\.0\\.0\\.1, idle in transaction, for [\\d.]+ s\\) holds RowExclusiveLock on core\\.users`;
    expect(outcome).toEqual({
      status: 'failed',
      summary: expect.stringMatching(/^it was not quiet for 200 ms within [\d.]+ m?s$/),
      evidence: [
        { name: 'quiet without a break', value: '0 ms', limit: '200 ms' },
        { name: 'waited', value: expect.any(String) },
        { name: 'tables', value: 'core.berth_kinds, core.users, harbour.moorings' },
        { name: 'looks', value: expect.any(String) },
        { name: 'broken', value: '1 time' },
        { name: 'seen last', value: expect.stringMatching(new RegExp(`^${holder}$`)) },
      ],
      measuredAt: expect.any(String),
      problem: {
        retry: 'stop',
        code: 'not-quiet',
        message: expect.stringMatching(/^it was not quiet for 200 ms within [\d.]+ m?s$/),
        found: expect.stringMatching(new RegExp(`^at the longest 0 ms; seen last:\\n${holder}$`)),
        expected: 'nobody at work on core.berth_kinds, core.users, harbour.moorings',
        next: 'stop these sessions or what they belong to, and retry this item',
      },
    });
    expect(JSON.stringify(outcome)).not.toContain('gen_random_uuid');
  });

  it('fails while somebody writes in transactions too short to be seen', async () => {
    const writer = await database.connect({ application_name: 'writer' });
    let writing = true;
    const work = (async () => {
      while (writing) await writer.query(INSERT);
    })();
    // Now and then a look meets one of them in the act, and names it instead: what the other looks saw is in the lines.
    const lines: string[] = [];
    const context = { ...contextWith(2_500, 3_000), onProgress: (line: string) => lines.push(line) };
    const outcome = await checkQuiet(context, SPEC);
    writing = false;
    await work;
    expect(outcome.status).toBe('failed');
    expect(lines.join('\n')).toMatch(/not quiet: \d+ rows written in core\.users/);
  });

  it('starts the count again after an interruption, and passes when it is over', async () => {
    const client = await transactionOf('billing', 'lock table harbour.moorings in share mode');
    let looks = 0;
    const onProgress = (line: string): void => {
      looks += line.startsWith('not quiet') ? 1 : 0;
      if (looks === 3) void client.query('rollback');
    };
    const proof = await proveQuiet(looker, { scope: SCOPE, forMs: 300, timeoutMs: 10_000, intervalMs: 50, onProgress });
    expect(proof).toMatchObject({ kind: 'quiet', interruptions: 1 });
    expect(proof.quietMs).toBeGreaterThanOrEqual(300);
    expect(proof.waitedMs).toBeGreaterThan(proof.quietMs);
    expect(proof.lastSeen[0]).toContain('ShareLock on harbour.moorings');
  });

  it('ends at once when it is interrupted', async () => {
    const controller = new AbortController();
    const context = { ...contextWith(60_000, 60_000), signal: controller.signal, onProgress: () => controller.abort() };
    await expect(checkQuiet(context, SPEC)).rejects.toMatchObject({ problem: { code: 'interrupted' } });
  });
});

describe('sampleQuiet', () => {
  it('leaves out our own sessions, other tables and readers of a moment', async () => {
    await transactionOf('drydock:someone', INSERT);
    await transactionOf('billing', 'insert into core.others values (1)');
    await transactionOf('reports', 'select from core.users');
    expect((await sampleQuiet(looker, SCOPE)).offenders).toEqual([]);
  });

  it('names a reader whose transaction has been open for long', async () => {
    const client = await transactionOf('reports', 'select from core.users');
    await client.query('select pg_sleep(0.1)');
    const { offenders } = await sampleQuiet(looker, { ...SCOPE, longTransactionMs: 50 });
    expect(offenders).toMatchObject([{ application: 'reports', why: 'long transaction' }]);
    expect(offenders[0]?.holds).toBe('AccessShareLock on core.users');
  });

  it('names a prepared transaction that still holds its locks', async () => {
    const client = await database.connect({ application_name: 'two-phase' });
    await client.query('begin');
    await client.query(INSERT);
    await client.query(`prepare transaction 'order 17'`);
    const { offenders } = await sampleQuiet(looker, SCOPE);
    await client.query(`rollback prepared 'order 17'`);
    expect(offenders.map(describeOffender)).toEqual([
      expect.stringMatching(
        /^prepared transaction 'order 17' \(user postgres, for [\d.]+ s; end it by COMMIT PREPARED or ROLLBACK PREPARED\) holds RowExclusiveLock on core\.users$/,
      ),
    ]);
  });

  it('looks at tables that foreign keys will name, where the owned schema does not exist yet', async () => {
    await transactionOf('billing', INSERT);
    const { offenders, writes } = await sampleQuiet(looker, { schemas: ['absent'], alsoTables: ['core.users'] });
    expect(offenders).toHaveLength(1);
    expect([...writes.keys()]).toEqual(['core.users']);
  });
});

describe('the drain "observe"', () => {
  const owner = { workflowId: 'harbour/test', runId: 'r', token: '7' };
  const notes = { note: async (thing: HeldThing) => thing, noted: async () => [], forget: async () => undefined };
  const held = { owner, notes, secret: async () => '' };

  it('holds and releases nothing, under the token of the claim', async () => {
    const context = { ...world.context(database.url), ...held };
    const hold = holdFor(TARGET.drain);
    expect(await hold.hold(context)).toEqual({
      kind: 'held',
      how: 'someone else drains: nothing is held by this run, quiet has to be proven',
      lease: { token: '7', expiresAt: null },
      evidence: [{ name: 'drain', value: 'observe' }],
    });
    expect(await hold.held(context)).toEqual({
      kind: 'held',
      how: 'nobody is at work on the tables',
      evidence: [{ name: 'at work on the tables', value: 'nobody', limit: 'nobody' }],
    });
    expect(await hold.release(context)).toEqual({
      kind: 'nothing-was-held',
      how: 'nothing was held by this run: whoever drained lets traffic back in',
      evidence: [{ name: 'drain', value: 'observe' }],
    });
  });

  it('says who came back', async () => {
    await transactionOf('billing', INSERT);
    const outcome = await holdFor(TARGET.drain).held({ ...world.context(database.url), ...held });
    expect(outcome).toMatchObject({
      kind: 'broken',
      problem: { code: 'not-quiet', message: 'traffic came back while the run is at work' },
    });
  });
});
