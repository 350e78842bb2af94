import { beforeEach, describe, expect, it } from 'vitest';
import {
  assertClaim,
  type ClaimHolder,
  claimHolderOf,
  dropClaim,
  readClaim,
  replaceClaim,
  takeClaim,
} from '../../../src/migrator/claim.ts';
import { connect } from '../../../src/postgres/connect.ts';
import { problemFromPg } from '../../../src/postgres/problem-from-pg.ts';
import { kinds, problemOf, setup, until, type World } from './world.ts';

const holder = (runId: string, workflowId = 'communication/demo'): ClaimHolder => ({
  workflowId,
  runId,
  namespace: 'default',
  operation: 'run',
});

let world: World;
beforeEach(async () => {
  world = await setup();
});

const open = async (name = 'drydock:test') =>
  (await connect({ url: world.database.url, applicationName: name })).client;

describe('the claim of a run', () => {
  it('is one row, with a token that only grows', async () => {
    const client = await open();
    expect(await readClaim(client)).toBeNull();
    const first = await takeClaim(client, holder('r1'));
    expect(first).toEqual({ ...holder('r1'), token: '1', claimedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(await readClaim(client)).toEqual(first);
    expect(await dropClaim(client, '1')).toBe('dropped');
    expect(await dropClaim(client, '1')).toBe('absent');
    expect(Number((await takeClaim(client, holder('r2'))).token)).toBeGreaterThan(1);
  });

  it('is given again to the run that has it', async () => {
    const client = await open();
    const first = await takeClaim(client, holder('r1'));
    expect(await takeClaim(await open(), holder('r1'))).toEqual(first);
  });

  it('keeps another run out, names the holder, and tells it as a value', async () => {
    const claim = await takeClaim(await open(), holder('r1'));
    const error = await takeClaim(await open(), holder('r2', 'authz/demo')).catch((caught: unknown) => caught);
    expect(claimHolderOf(error)).toEqual(claim);
    expect(await problemOf(Promise.reject(error))).toEqual({
      code: 'claim-held',
      message: 'the run communication/demo is at work on this database',
      found: `workflow communication/demo, run r1, namespace default, since ${claim.claimedAt}`,
      expected: 'nobody else at work',
      next: 'wait until it has ended, or abort it; if it is gone for good, run `release-claim --holder communication/demo`',
      retry: 'stop',
    });
  });

  it('of a run that is over is replaced by its token, once', async () => {
    const stale = await takeClaim(await open(), holder('r1'));
    const fresh = await replaceClaim(await open(), stale.token, holder('r2'));
    expect(Number(fresh.token)).toBeGreaterThan(Number(stale.token));
    expect(await problemOf(replaceClaim(await open(), stale.token, holder('r3')))).toMatchObject({
      code: 'claim-held',
    });
    expect(await dropClaim(await open(), stale.token)).toBe('absent');
  });

  it('is made once by many that come at the same moment', async () => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => open()));
    const results = await Promise.allSettled(clients.map((client, index) => takeClaim(client, holder(`r${index}`))));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(claimHolderOf(result.reason)).toBeDefined();
    }
  });

  it('documents itself', async () => {
    await takeClaim(await open(), holder('r1'));
    const uncommented = await world.database.query(
      `select attname from pg_attribute where attrelid = 'drydock.claims'::regclass and attnum > 0
          and col_description(attrelid, attnum) is null`,
    );
    expect(uncommented).toEqual([]);
  });

  it('is asserted in the transaction of a step, and cannot be replaced under it', async () => {
    const step = await open();
    const claim = await takeClaim(step, holder('r1'));
    await step.query('begin');
    await assertClaim(step, claim.token);
    const other = await open();
    await other.query(`set lock_timeout = '50ms'`);
    await expect(replaceClaim(other, claim.token, holder('r2'))).rejects.toMatchObject({ code: '55P03' });
    await step.query('commit');
  });

  it('that is lost fails the step', async () => {
    const step = await open();
    const error = await assertClaim(step, '7').catch((caught: unknown) => caught);
    expect(problemFromPg(error, { doing: 'the step' })).toEqual({
      code: 'claim-lost',
      message: 'the step failed: this run no longer holds the claim on the database',
      retry: 'stop',
      sqlstate: 'DD001',
    });
  });
});

describe('a migrator of a run', () => {
  it('works under its claim', async () => {
    const { token } = await takeClaim(await open(), holder('r1'));
    expect(await world.open({ claim: { kind: 'run', token } }).migrate()).toHaveLength(3);
  });

  it('that has lost its claim changes nothing', async () => {
    const client = await open();
    const { token } = await takeClaim(client, holder('r1'));
    const migrator = world.open({ claim: { kind: 'run', token } });
    await replaceClaim(client, token, holder('r2'));
    expect(await problemOf(migrator.migrate())).toEqual({
      code: 'claim-lost',
      message: 'applying 001_schema failed: this run no longer holds the claim on the database',
      found: 'migrations/app/001_schema.up.sql',
      expected: 'the claim that this run took when it began',
      next: 'look at the run that holds the claim now; this one must not go on',
      retry: 'stop',
      sqlstate: 'DD001',
    });
    expect(await world.ledger()).toEqual([]);
  });
});

describe('a plain migrator', () => {
  it('stands back where a run holds the claim', async () => {
    await takeClaim(await open(), holder('r1'));
    expect(await problemOf(world.open().migrate())).toMatchObject({ code: 'claim-held', retry: 'stop' });
    expect(await world.ledger()).toEqual([]);
  });

  it.each(['running', 'unknown'] as const)('stands back where the run is %s', async (state) => {
    await takeClaim(await open(), holder('r1'));
    const migrator = world.open({ claim: { kind: 'standalone', isHolderAlive: async () => state } });
    expect(await problemOf(migrator.migrate())).toMatchObject({ code: 'claim-held' });
  });

  it('stands back where nobody can be asked', async () => {
    await takeClaim(await open(), holder('r1'));
    const isHolderAlive = () => Promise.reject(new Error('Temporal is gone'));
    expect(await problemOf(world.open({ claim: { kind: 'standalone', isHolderAlive } }).migrate())).toMatchObject({
      code: 'claim-held',
    });
  });

  it('passes by the claim of a run that is over, and says so', async () => {
    const claim = await takeClaim(await open(), holder('r1'));
    const migrator = world.open({ claim: { kind: 'standalone', isHolderAlive: async () => 'closed' } });
    expect(await migrator.migrate()).toHaveLength(3);
    expect(world.events[0]).toEqual({ kind: 'stale-claim', holder: claim });
  });

  it('at work keeps a run from claiming, and is named', async () => {
    const blocker = await world.database.connect();
    await blocker.query('begin; create schema app');
    const running = world.open({ lockPolicy: { totalMs: 30_000 } }).migrate();
    await until(() => kinds(world.events).includes('lock-timeout'));
    expect(await problemOf(takeClaim(await open(), holder('r1')))).toEqual({
      code: 'migrator-at-work',
      message: 'a migrator of the command line is at work on this database',
      found: expect.stringMatching(/^pid \d+ \(drydock:cli:tester, user postgres, from 127.0.0.1, .*for [\d.]+ s\)$/),
      expected: 'nobody else at work',
      next: 'wait until it has finished',
      retry: 'retry',
    });
    await blocker.query('rollback');
    await running;
    expect(await takeClaim(await open(), holder('r1'))).toMatchObject({ runId: 'r1' });
  });

  it('makes nothing of the schema drydock, nor does asking', async () => {
    const migrator = world.open();
    await migrator.migrate();
    await migrator.status();
    expect(await world.database.query(`select to_regnamespace('drydock') as drydock`)).toEqual([{ drydock: null }]);
  });

  it('status shows the claim', async () => {
    const claim = await takeClaim(await open(), holder('r1'));
    expect((await world.open().status()).claim).toEqual(claim);
  });
});
