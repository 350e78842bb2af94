/** An undo that meets a database which takes no writes waits until somebody or a failover has mended it, and says for what. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { inWritingTransaction } from '../../src/drain/lease/hold-session.ts';
import type { RunState } from '../../src/model/state.ts';
import { problemOf } from '../postgres/migrator/world.ts';
import { databaseAt, onCluster, type TestDatabase } from '../support/postgres.ts';
import { startReplica } from '../support/replica.ts';
import { makeWorld } from '../support/world.ts';
import { claims, expectNothingChanged, running, statuses } from './run-states.ts';

/** Time to break the database, and then a step that fails. */
const FAILS_SOON = {
  'migrations/small/003_notes.up.sql':
    "CREATE TABLE app.notes (id bigint);\nSELECT pg_sleep(2);\nDO $$ BEGIN RAISE EXCEPTION 'refused on purpose'; END $$;\n",
};

/** Not only said to be running: its transaction has begun, so that what is changed now meets the undo. */
async function sleeps({ query, name }: TestDatabase): Promise<void> {
  const sessions = () =>
    query(`select from pg_stat_activity where datname = $1 and wait_event = 'PgSleep' and state = 'active'`, [name]);
  await expect.poll(async () => (await sessions()).length, { timeout: 60_000 }).toBeGreaterThan(0);
}

const standing = (state: RunState): boolean => state.standing !== undefined;

const reaper = startReaper();
afterAll(() => reaper.close());

describe('an undo', () => {
  it('waits for a database that takes no writes, says so, and goes on when it does', async () => {
    const world = await makeWorld({ files: FAILS_SOON });
    const { database } = world;
    const run = await world.start();
    await run.approve();
    await run.until('the migration that will fail', running('apply-003'));
    await sleeps(database);
    await onCluster(`alter database ${database.name} set default_transaction_read_only = on`);
    const waiting = await run.until('the undo to wait', standing);
    expect(waiting.standing).toEqual({
      because: 'the undo waits until this is mended: database-read-only: this database takes no writes',
      since: expect.any(String),
    });
    expect(statuses(waiting, 'undo').slice(0, 2)).toEqual(['fence passed', 'undo-apply-003 running']);
    await onCluster(`alter database ${database.name} reset default_transaction_read_only`);
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'rolled-back', problem: { resolution: 'do not refuse it' } });
    expect(state.standing).toBeUndefined();
    const kinds = (await run.events()).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'standing-still' || kind === 'moving-on')).toEqual([
      'standing-still',
      'moving-on',
    ]);
    await expectNothingChanged(world);
  });

  it('waits no longer than traffic may stay away, and then leaves it to a person', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drydock-undo-waits-'));
    const program = join(folder, 'control');
    const said = async () => (await readFile(join(folder, 'state'), 'utf8')).trim();
    await writeFile(join(folder, 'state'), 'running\n');
    await writeFile(
      program,
      `#!/bin/sh\ncd "$(dirname "$0")"\ncase "$1" in status) cat state ;; pause) echo stopped > state ;; resume) echo running > state ;; esac\n`,
    );
    await chmod(program, 0o755);
    const world = await makeWorld({
      files: FAILS_SOON,
      target: `holdAtMost: 5s\nconsumers: [{ name: mailer, kind: command, pause: ["${program}", pause], resume: ["${program}", resume], status: ["${program}", status] }]\n`,
    });
    const { database } = world;
    const run = await world.start();
    await run.approve();
    await run.until('the migration that will fail', running('apply-003'));
    await sleeps(database);
    expect(await said()).toBe('stopped');
    await onCluster(`alter database ${database.name} set default_transaction_read_only = on`);
    await run.until('the undo to wait', standing);
    expect(await said()).toBe('stopped');
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'undo-failed', items: expect.any(Array) });
    const undone = state.items.find(({ id }) => id === 'undo-apply-003');
    expect(undone?.problem).toMatchObject({
      code: 'undo-not-possible-in-time',
      message: 'the undo could not go on within 5 s, which is how long traffic may stay away for it',
      found: 'database-read-only: this database takes no writes',
    });
    // The time is over: it is not held for a person once more.
    expect(statuses(state, 'release')).toContain('resume-mailer passed');
    expect(state.heldUntil).toBeUndefined();
    expect(await said()).toBe('running');
    await onCluster(`alter database ${database.name} reset default_transaction_read_only`);
    await rm(folder, { recursive: true, force: true });
  });

  it('waits for a disk with room', async () => {
    const world = await makeWorld({
      files: {
        ...FAILS_SOON,
        'migrations/small/002_items.down.sql': `DO $$ BEGIN
  IF EXISTS (SELECT FROM public.disk WHERE is_full) THEN
    RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
  END IF;
END $$;
DROP TABLE app.items;
`,
      },
    });
    await world.database.query('create table public.disk as select true as is_full');
    const run = await world.start();
    await run.approve();
    const waiting = await run.until('the undo to wait', standing);
    expect(waiting.standing?.because).toMatch(
      /^the undo waits until this is mended: disk-full: .*could not extend file/,
    );
    await world.database.query('update public.disk set is_full = false');
    expect(await run.ended()).toMatchObject({ outcome: 'rolled-back' });
    expect(await claims(world)).toBe(0);
  });

  it('waits on a replica until it is promoted, and undoes there', async () => {
    const primary = await startPostgres({ reaper, settings: { fsync: 'off' } });
    const database = databaseAt(await primary.createDatabase('undone'));
    const replica = await startReplica(primary, { name: 'east' });
    const world = await makeWorld({ files: FAILS_SOON, servers: { database } });
    const run = await world.start();
    await run.approve();
    await run.until('the migration that will fail', running('apply-003'));
    await sleeps(database);
    const standby = databaseAt(replica.server.databaseUrl('undone'));
    await expect
      .poll(async () => (await standby.query(`select to_regclass('app.items') is not null as there`))[0])
      .toEqual({ there: true });
    await primary.stop();
    // As where a name now leads to another server.
    Object.assign(world.env, { WORLD_DATABASE_URL: standby.url });
    const waiting = await run.until('the undo to wait', standing);
    expect(waiting.standing?.because).toMatch(
      /^the undo waits until this is mended: database-(read-only|is-replica): /,
    );
    // What is held is said in the same words, by whoever meets the replica.
    const client = await standby.connect();
    expect(await problemOf(inWritingTransaction(client, async () => undefined))).toMatchObject({
      code: 'database-is-replica',
    });
    await standby.query('select pg_promote()');
    const state = await run.ended();
    expect(state).toMatchObject({ outcome: 'rolled-back' });
    expect(await standby.query(`select from pg_namespace where nspname = 'app'`)).toEqual([]);
    await standby.drop().catch(() => undefined);
    await replica.stop();
  });
});
