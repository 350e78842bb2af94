/** The lease of a hold in a real database: who gets it, who loses it, and that what was noted is not lost with it. */
import { describe, expect, it } from 'vitest';
import type { HeldThing } from '../../../src/drain/held-thing.ts';
import {
  beginLettingGo,
  endLease,
  extendLease,
  type LeaseOwner,
  readLease,
  renewLease,
  requireLease,
  takeLease,
} from '../../../src/drain/lease/lease.ts';
import { holdNotes, notedThings } from '../../../src/drain/lease/notes.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { problemOf, until } from '../migrator/world.ts';

const FIRST: LeaseOwner = { workflowId: 'harbour/a', runId: 'run-1', namespace: 'default', target: 'a', token: '1' };
const AGAIN: LeaseOwner = { ...FIRST, runId: 'run-2', token: '2' };
const OTHER: LeaseOwner = { ...FIRST, workflowId: 'quay/a', runId: 'run-3', token: '3' };
const THING: HeldThing = { kind: 'pooler', name: 'main', former: { settings: { query_wait_timeout: '120' } } };

async function setup() {
  const database = await freshDatabase();
  const client = await database.connect();
  const lapse = () => database.query(`update drydock.holds set expires_at = clock_timestamp() - interval '1 s'`);
  return { database, client, lapse, notes: (owner: LeaseOwner) => holdNotes(database.url, owner) };
}

describe('a lease', () => {
  it('is taken, seen, renewed and ended', async () => {
    const { client } = await setup();
    expect(await readLease(client)).toBeNull();
    const taken = await takeLease(client, FIRST, 30_000);
    expect(taken).toEqual({
      ...FIRST,
      takenAt: expect.stringMatching(/Z$/),
      leaseMs: 30_000,
      expiresAt: expect.stringMatching(/Z$/),
      remainingMs: expect.any(Number),
      keptForPerson: false,
      state: 'held',
      letGoBy: null,
    });
    const renewed = await renewLease(client, FIRST, 60_000);
    expect(renewed.remainingMs).toBeGreaterThan(50_000);
    expect(await takeLease(client, FIRST, 30_000)).toMatchObject({ takenAt: taken.takenAt });
    expect(await endLease(client, FIRST, 'run')).toBe('ended');
    expect(await readLease(client)).toMatchObject({ state: 'ended', letGoBy: 'run' });
    expect(await problemOf(renewLease(client, FIRST, 1_000))).toMatchObject({ code: 'hold-lost' });
  });

  it('documents every column of its tables', async () => {
    const { client, database } = await setup();
    await takeLease(client, FIRST, 30_000);
    const bare = await database.query(
      `select attrelid::regclass::text || '.' || attname as name from pg_attribute
        where attrelid in ('drydock.holds'::regclass, 'drydock.held_things'::regclass) and attnum > 0
          and col_description(attrelid, attnum) is null`,
    );
    expect(bare).toEqual([]);
  });

  it('of another run that has not run out is not taken, and says whose it is', async () => {
    const { client } = await setup();
    const { takenAt, expiresAt } = await takeLease(client, FIRST, 30_000);
    expect(await problemOf(takeLease(client, OTHER, 30_000))).toEqual({
      code: 'hold-taken-by-other',
      message: 'harbour/a keeps traffic away from this database',
      found: `workflow harbour/a, run run-1, number 1, since ${takenAt}: lease until ${expiresAt}`,
      expected: 'nobody else holding',
      next: 'wait until it has let go, or run `release --target a`',
      retry: 'retry',
    });
  });

  it('that ran out is taken over with what is still noted, and the late one gets it no more', async () => {
    const { client, lapse, notes } = await setup();
    await takeLease(client, FIRST, 30_000);
    await notes(FIRST).note(THING);
    await lapse();
    await takeLease(client, OTHER, 30_000);
    expect(await notes(OTHER).noted()).toEqual([THING]);
    // Had it noted the pooler as it found it, what it was before would be lost.
    expect(await notes(OTHER).note({ ...THING, former: { settings: {} } })).toEqual(THING);
    const row = (await readLease(client))!;
    const lost = {
      code: 'hold-lost',
      message: 'this run no longer holds traffic',
      found: `workflow quay/a, run run-3, number 3, since ${row.takenAt}: lease until ${row.expiresAt}`,
      expected: 'a lease of this run that has not run out',
      next: 'run `check`: it tells whether traffic is back; then start the run again',
      retry: 'stop',
    };
    expect(await problemOf(takeLease(client, FIRST, 30_000))).toEqual(lost);
    expect(await problemOf(renewLease(client, FIRST, 30_000))).toEqual(lost);
    expect(await problemOf(requireLease(client, FIRST))).toEqual(lost);
    expect(await problemOf(notes(FIRST).note(THING))).toEqual(lost);
    expect(await notes(FIRST).noted()).toEqual([]);
    await notes(FIRST).forget(THING);
    expect(await notes(OTHER).noted()).toEqual([THING]);
  });

  it('is not taken by a late one after a later one has ended', async () => {
    const { client } = await setup();
    await takeLease(client, OTHER, 30_000);
    await endLease(client, OTHER, 'run');
    expect(await problemOf(takeLease(client, FIRST, 30_000))).toMatchObject({ code: 'hold-lost' });
  });

  it('of an earlier run of the same workflow is taken over at once: only one of them can be open', async () => {
    const { client, notes } = await setup();
    await takeLease(client, FIRST, 30_000);
    await notes(FIRST).note(THING);
    await extendLease(client, FIRST, 3_600_000);
    expect(await takeLease(client, AGAIN, 30_000)).toMatchObject({ runId: 'run-2', keptForPerson: false });
    expect(await notes(AGAIN).noted()).toEqual([THING]);
  });

  it('goes on under the higher number that a run gets before it undoes', async () => {
    const { client, notes } = await setup();
    await takeLease(client, FIRST, 30_000);
    await notes(FIRST).note(THING);
    const undoing = { ...FIRST, token: '7' };
    expect(await notes(undoing).noted()).toEqual([THING]);
    await notes(undoing).forget(THING);
    expect(await notedThings(client, undoing)).toEqual([]);
    expect(await problemOf(notes(FIRST).note(THING))).toMatchObject({ code: 'hold-lost' });
    expect(await renewLease(client, FIRST, 30_000)).toMatchObject({ token: '7', state: 'held' });
  });

  it('that ran out and was let go is lost to its own run too', async () => {
    const { client, lapse, notes } = await setup();
    await takeLease(client, FIRST, 30_000);
    expect(await beginLettingGo(client, FIRST, { by: 'guard', when: 'lease-ran-out' })).toBe('not-due');
    await lapse();
    expect(await problemOf(notes(FIRST).note(THING))).toMatchObject({ code: 'hold-lost' });
    expect(await beginLettingGo(client, FIRST, { by: 'guard', when: 'lease-ran-out' })).toBe('begun');
    expect(await problemOf(renewLease(client, FIRST, 30_000))).toMatchObject({
      code: 'hold-lost',
      found: expect.stringMatching(/^workflow harbour\/a, run run-1, number 1, since .*: being let go by guard$/),
    });
    expect(await problemOf(takeLease(client, FIRST, 30_000))).toMatchObject({ code: 'hold-lost' });
  });

  it('that ran out and was not let go yet is renewed', async () => {
    const { client, lapse } = await setup();
    await takeLease(client, FIRST, 30_000);
    await lapse();
    expect(await problemOf(requireLease(client, FIRST))).toMatchObject({ code: 'hold-lost' });
    await renewLease(client, FIRST, 30_000);
    expect(await requireLease(client, FIRST)).toMatchObject({ state: 'held' });
  });

  it('that is kept for a person is not shortened by a late renewal', async () => {
    const { client } = await setup();
    await takeLease(client, FIRST, 30_000);
    const { expiresAt } = await extendLease(client, FIRST, 3_600_000);
    expect(await renewLease(client, FIRST, 30_000)).toMatchObject({ expiresAt, keptForPerson: true });
    expect(await problemOf(takeLease(client, OTHER, 30_000))).toMatchObject({
      code: 'hold-taken-by-other',
      retry: 'stop',
    });
  });

  it('can be taken and noted where sessions are read-only', async () => {
    const { database, notes } = await setup();
    await database.query(`alter database ${database.name} set default_transaction_read_only = on`);
    const client = await database.connect();
    await takeLease(client, FIRST, 30_000);
    await notes(FIRST).note(THING);
    await notes(FIRST).forget(THING);
    expect(await endLease(client, FIRST, 'run')).toBe('ended');
  });

  it('is given to one of two that take it at once', async () => {
    const { database } = await setup();
    const both = await Promise.all(
      [FIRST, OTHER].map(async (owner) => {
        const client = await database.connect();
        return takeLease(client, owner, 30_000).then(
          () => 'taken',
          (error: { problem: { code: string } }) => error.problem.code,
        );
      }),
    );
    expect([...both].sort()).toEqual([expect.stringMatching(/^hold-(lost|taken-by-other)$/), 'taken']);
  });

  it('is not taken while somebody lets go of what an earlier one held', async () => {
    const { client, database, lapse } = await setup();
    await takeLease(client, FIRST, 30_000);
    await lapse();
    const busy = await database.connect();
    await busy.query(`select pg_advisory_lock(${0x44525943}, 2)`);
    let isTaken = false;
    const taking = takeLease(client, OTHER, 30_000).then(() => {
      isTaken = true;
    });
    await until(async () => {
      const rows = await database.query(
        `select from pg_stat_activity where datname = current_database() and query like '%try_advisory_xact%'`,
      );
      return rows.length > 0;
    });
    expect(isTaken).toBe(false);
    await busy.query('select pg_advisory_unlock_all()');
    await taking;
    expect(await readLease(client)).toMatchObject({ runId: 'run-3' });
  });
});
