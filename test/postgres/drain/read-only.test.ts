import { describe, expect, it } from 'vitest';
import { checkQuiet } from '../../../src/checks/quiet.ts';
import type { HoldContext } from '../../../src/drain/hold.ts';
import { holdNotes } from '../../../src/drain/lease/notes.ts';
import { letGoOfReadOnly } from '../../../src/drain/read-only/let-go.ts';
import { readOnly } from '../../../src/drain/read-only/read-only.ts';
import { connect } from '../../../src/postgres/connect.ts';
import { onCluster } from '../../support/postgres.ts';
import { urlAs } from '../checks/world.ts';
import { isEnded, OWNER, pidOf, setup, startClients } from './read-only-world.ts';

const INSERT = `insert into harbour.berths (ship) values ('Aurora')`;
const SELECT = 'select count(*)::int as count from harbour.berths';
const REFUSED = { code: '25006' };

describe('the drain "read-only" of everybody', () => {
  it('lets reads go on and refuses writes, until it lets go and everything is as it was', async () => {
    const world = await setup();
    const { database, app } = world;
    const idle = await world.connectAs(app);
    const pid = await pidOf(idle);
    expect(await readOnly.hold(world.context())).toEqual({
      kind: 'held',
      how: 'sessions of everybody are read-only; 1 idle session and 0 busy ones ended',
      lease: { token: '7', expiresAt: expect.stringMatching(/^\d{4}-.*Z$/) },
      evidence: [
        { name: 'drain', value: 'read-only' },
        { name: 'default_transaction_read_only of the database', value: 'on, before: not set' },
        { name: 'sessions from before ended', value: '1 idle session, 0 busy' },
        { name: 'superusers and replication left alone', value: expect.stringContaining('user postgres') },
      ],
    });
    expect(await isEnded(idle)).toBe(true);
    expect(await database.query('select pid from pg_stat_activity where pid = $1', [pid])).toEqual([]);
    expect(await world.settings()).toEqual({ database: ['default_transaction_read_only=on'] });

    const during = await world.connectAs(app);
    expect((await during.query(SELECT)).rows).toEqual([{ count: 0 }]);
    await expect(during.query(INSERT)).rejects.toMatchObject(REFUSED);
    expect(await readOnly.held(world.context())).toEqual({
      kind: 'held',
      how: 'sessions are read-only, and nobody was seen writing',
      evidence: [
        { name: 'settings that stand', value: '1', limit: '1' },
        { name: 'sessions that write', value: 'nobody', limit: 'nobody' },
      ],
    });
    expect((await world.noted()).map(({ name }) => name)).toEqual(['database', 'all sessions']);

    expect(await readOnly.release(world.context())).toEqual({
      kind: 'released',
      how: 'sessions may write again: 1 setting as before',
      evidence: [
        { name: 'drain', value: 'read-only' },
        { name: 'default_transaction_read_only of the database', value: 'not set again' },
        { name: 'read-only sessions ended', value: '1 idle session, 0 busy' },
      ],
    });
    expect(await isEnded(during)).toBe(true);
    expect(await world.settings()).toEqual({});
    expect(await world.noted()).toEqual([]);
    await (await world.connectAs(app)).query(INSERT);
    expect(await readOnly.release(world.context())).toEqual({
      kind: 'nothing-was-held',
      how: 'no session was made read-only by this run: there was nothing to put back',
      evidence: [{ name: 'drain', value: 'read-only' }],
    });
  });

  it('lets our own sessions write meanwhile', async () => {
    const world = await setup();
    await readOnly.hold(world.context());
    for (const purpose of ['migrate', 'check'] as const) {
      const url = urlAs(world.database.url, world.app);
      const session = await connect({ url, applicationName: 'drydock:test', purpose });
      await session.client.query(INSERT);
      await session.client.query('reset all');
      await session.client.query(INSERT);
      await session.close();
    }
    const asOthers = await connect({
      url: urlAs(world.database.url, world.app),
      applicationName: 'x',
      writing: 'as-configured',
    });
    await expect(asOthers.client.query(INSERT)).rejects.toMatchObject(REFUSED);
    await asOthers.close();
    await readOnly.release(world.context());
  });

  it('turns roles that would be let write by a setting of their own, and puts back exactly what they had', async () => {
    const world = await setup();
    const everywhere = await world.role();
    const reader = await world.role();
    await onCluster(`alter role ${everywhere.name} set default_transaction_read_only = off`);
    await onCluster(`alter role ${reader.name} set default_transaction_read_only = on`);
    await onCluster(
      `alter role ${world.app} in database ${world.database.name} set default_transaction_read_only = 'no'`,
    );
    await onCluster(`alter role ${world.app} in database ${world.database.name} set work_mem = '8MB'`);
    await onCluster(`alter database ${world.database.name} set default_transaction_read_only = 'off'`);
    const before = await world.settings();
    const outcome = await readOnly.hold(world.context());
    expect(outcome.evidence.slice(1, 4).map(({ name, value }) => [name, value])).toEqual([
      ['default_transaction_read_only of the database', 'on, before: off'],
      ...[everywhere.name, world.app]
        .sort()
        .map((name) => [
          `default_transaction_read_only of role ${name}`,
          `on, before: ${name === world.app ? 'no' : 'not set'}`,
        ]),
    ]);
    for (const role of [everywhere.name, world.app]) {
      await expect((await world.connectAs(role)).query(INSERT)).rejects.toMatchObject(REFUSED);
    }
    await readOnly.release(world.context());
    expect(await world.settings()).toEqual(before);
    expect(before[world.app]).toEqual(['default_transaction_read_only=no', 'work_mem=8MB']);
    await onCluster(`alter role ${everywhere.name} reset all`);
  });

  it('lets a busy session finish, and ends and names it when its time is over', async () => {
    const world = await setup();
    const [quick, slow] = [await world.connectAs(world.app, 'quick'), await world.connectAs(world.app, 'slow')];
    await quick.query('begin');
    await quick.query(INSERT);
    await slow.query('begin');
    await slow.query(INSERT);
    const pid = await pidOf(slow);
    let seen = 0;
    const onProgress = (line: string): void => {
      expect(line).toMatch(
        /^waiting for \d sessions?: pid \d+ \((quick|slow), user drain_\w+, from 127\.0\.0\.1, idle in transaction, for [\d.]+ s\)$/,
      );
      seen += 1;
      if (seen === 1) void quick.query('commit');
    };
    const outcome = await readOnly.hold(world.context({ endAfterMs: 1_000 }, { onProgress }));
    expect(outcome).toMatchObject({
      kind: 'held',
      how: 'sessions of everybody are read-only; 1 idle session and 1 busy one ended',
    });
    expect(outcome.evidence.find(({ name }) => name === 'ended while busy')?.value).toMatch(
      new RegExp(
        `^pid ${pid} \\(slow, user ${world.app}, from 127\\.0\\.0\\.1, idle in transaction, for [\\d.]+ s\\)$`,
      ),
    );
    expect(JSON.stringify(outcome)).not.toContain('Aurora');
    expect(await world.database.query(SELECT)).toEqual([{ count: 1 }]);
    await readOnly.release(world.context());
  });

  it('says who set itself back to writing, and who changed the settings', async () => {
    const world = await setup();
    await readOnly.hold(world.context());
    const rebel = await world.connectAs(world.app, 'rebel');
    await rebel.query('set default_transaction_read_only = off');
    await rebel.query('begin');
    await rebel.query('insert into public.others values (1)');
    const rebels = `pid ${await pidOf(rebel)} \\(rebel, user ${world.app}, from 127\\.0\\.0\\.1, idle in transaction, for [\\d.]+ s\\)`;
    expect(await readOnly.held(world.context())).toMatchObject({
      kind: 'broken',
      problem: {
        code: 'not-quiet',
        message: 'somebody writes while the run is at work',
        found: expect.stringMatching(new RegExp(`^${rebels} writes in this database$`)),
        expected: 'sessions that only read',
        next: 'stop these sessions or what they belong to, and retry this step',
        retry: 'stop',
      },
    });
    await rebel.query(INSERT);
    expect(await readOnly.held(world.context())).toMatchObject({
      problem: { found: expect.stringMatching(new RegExp(`^${rebels} holds RowExclusiveLock on harbour\\.berths$`)) },
    });
    await rebel.query('rollback');
    expect((await readOnly.held(world.context())).kind).toBe('held');
    await onCluster(`alter database ${world.database.name} reset default_transaction_read_only`);
    expect(await readOnly.held(world.context())).toMatchObject({
      kind: 'broken',
      problem: {
        code: 'drain-settings-changed',
        message: 'somebody has changed the settings that make sessions read-only',
        found: 'default_transaction_read_only of the database: not set',
        expected: 'default_transaction_read_only = on until this run lets go',
      },
    });
    await readOnly.release(world.context());
  });
});

describe('the drain "read-only" of roles', () => {
  it('touches no session of other roles, of ours or of other databases', async () => {
    const world = await setup();
    const other = await world.role();
    const elsewhere = await setup();
    await onCluster(`grant connect on database ${elsewhere.database.name} to public`);
    const kept = [
      await world.connectAs(other.name),
      await world.connectAs(world.app, 'drydock:test'),
      await elsewhere.connectAs(world.app),
    ];
    const ended = await world.connectAs(world.app);
    expect(await readOnly.hold(world.context({ roles: [world.app] }))).toMatchObject({
      kind: 'held',
      how: `sessions of ${world.app} are read-only; 1 idle session and 0 busy ones ended`,
    });
    expect(await isEnded(ended)).toBe(true);
    for (const client of kept) await client.query(INSERT);
    await expect((await world.connectAs(world.app)).query(INSERT)).rejects.toMatchObject(REFUSED);
    expect(await world.settings()).toEqual({ [world.app]: ['default_transaction_read_only=on'] });
    await readOnly.release(world.context({ roles: [world.app] }));
    expect(await world.settings()).toEqual({});
  });

  it('refuses a role that does not exist, and changes nothing', async () => {
    const world = await setup();
    expect(await readOnly.hold(world.context({ roles: [world.app, 'nobody_here'] }))).toEqual({
      kind: 'refused',
      evidence: [],
      problem: {
        code: 'drain-role-missing',
        message: 'a role whose sessions are to be made read-only does not exist',
        found: 'no role nobody_here on this server',
        expected: 'the roles under which applications connect',
        next: 'correct drain.roles of the target in drydock.yaml, and start again',
        retry: 'stop',
      },
    });
    expect(await world.settings()).toEqual({});
    expect(await world.noted()).toEqual([]);
  });
});

describe('rights', () => {
  it('that are missing are named with what gives them, and nothing is changed', async () => {
    const world = await setup();
    const plain = await world.role();
    const outcome = await readOnly.hold(world.context({}, { url: plain.url }));
    expect(outcome).toEqual({
      kind: 'refused',
      evidence: [],
      problem: {
        code: 'missing-rights',
        message: `role ${plain.name} lacks 3 rights to make sessions read-only; nothing was changed`,
        found: [
          `the database ${world.database.name} belongs to postgres: role ${plain.name} may not change its settings`,
          `role ${plain.name} may not see the sessions of others`,
          `role ${plain.name} may not end the sessions of others`,
        ].join('\n'),
        expected: 'a role that may change these settings, and see and end these sessions',
        next: `let an administrator run: GRANT "postgres" TO "${plain.name}"; GRANT pg_monitor TO "${plain.name}"; GRANT pg_signal_backend TO "${plain.name}"`,
        retry: 'stop',
      },
    });
    const roles = await readOnly.hold(world.context({ roles: [world.app] }, { url: plain.url }));
    expect(roles).toMatchObject({
      problem: {
        found: [
          `role ${plain.name} may not change the settings of role ${world.app}`,
          `role ${plain.name} may not see the sessions of ${world.app}`,
          `role ${plain.name} may not end the sessions of ${world.app}`,
        ].join('\n'),
      },
    });
    expect(await world.settings()).toEqual({});
    expect(await world.noted()).toEqual([]);
  });

  it('are enough as they are named: the owner of the database who may see and end sessions', async () => {
    const world = await setup();
    const owner = await world.role();
    await onCluster(`alter database ${world.database.name} owner to ${owner.name}`);
    await onCluster(`grant pg_monitor, pg_signal_backend to ${owner.name}`);
    const idle = await world.connectAs(world.app);
    expect((await readOnly.hold(world.context({}, { url: owner.url }))).kind).toBe('held');
    expect(await isEnded(idle)).toBe(true);
    expect((await readOnly.release(world.context({}, { url: owner.url }))).kind).toBe('released');
    expect(await world.settings()).toEqual({});
  });

  it('are enough as they are named: the one who may administer a role', async () => {
    const world = await setup();
    const admin = await world.role('createrole');
    await onCluster(`grant ${world.app} to ${admin.name} with admin option`);
    const idle = await world.connectAs(world.app);
    const context = world.context({ roles: [world.app] }, { url: admin.url });
    expect((await readOnly.hold(context)).kind).toBe('held');
    expect(await isEnded(idle)).toBe(true);
    expect((await readOnly.release(context)).kind).toBe('released');
  });
});

describe('what a crash leaves', () => {
  it('between the note and the setting: a second hold takes over, and letting go leaves what was', async () => {
    const world = await setup();
    await onCluster(`alter database ${world.database.name} set default_transaction_read_only = 'off'`);
    const before = await world.settings();
    const notes = holdNotes(world.database.url, OWNER);
    const crashing: HoldContext['notes'] = {
      ...notes,
      note: async (thing) => {
        const noted = await notes.note(thing);
        if (thing.name === 'all sessions') throw new Error('killed here');
        return noted;
      },
    };
    await expect(readOnly.hold(world.context({}, { notes: crashing }))).rejects.toThrow('killed here');
    expect(await world.settings()).toEqual(before);
    const things = await world.noted();
    expect(things.map(({ name }) => name)).toEqual(['database', 'all sessions']);
    for (const thing of things) await letGoOfReadOnly(world.context(), thing);
    expect(await world.settings()).toEqual(before);
    expect((await readOnly.hold(world.context())).kind).toBe('held');
    await readOnly.release(world.context());
    expect(await world.settings()).toEqual(before);
  });

  it('after the setting: a second hold keeps the first note of what was before', async () => {
    const world = await setup();
    await onCluster(
      `alter role ${world.app} in database ${world.database.name} set default_transaction_read_only = 'off'`,
    );
    const before = await world.settings();
    const busy = await world.connectAs(world.app);
    await busy.query('begin');
    await busy.query(INSERT);
    const controller = new AbortController();
    const killed = world.context({}, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(readOnly.hold(killed)).rejects.toMatchObject({ problem: { code: 'interrupted' } });
    expect(await world.settings()).not.toEqual(before);
    await busy.query('rollback');
    expect((await readOnly.hold(world.context())).kind).toBe('held');
    expect(await isEnded(busy)).toBe(true);
    await readOnly.release(world.context());
    expect(await world.settings()).toEqual(before);
  });

  it('while letting go: whoever comes next ends the sessions that are read-only still', async () => {
    const world = await setup();
    await readOnly.hold(world.context());
    const stale = await world.connectAs(world.app);
    await expect(stale.query(INSERT)).rejects.toMatchObject(REFUSED);
    const [setting, sessions] = await world.noted();
    expect(await letGoOfReadOnly(world.context(), setting!)).toBe(
      'default_transaction_read_only of the database: not set again',
    );
    expect(await letGoOfReadOnly(world.context(), setting!)).toBe('database: as it was before already');
    await expect(stale.query(INSERT)).rejects.toMatchObject(REFUSED);
    expect(await letGoOfReadOnly(world.context(), sessions!)).toBe('read-only sessions ended: 1 idle session, 0 busy');
    expect(await isEnded(stale)).toBe(true);
    await (await world.connectAs(world.app)).query(INSERT);
  });

  it('a hold whose lease was let go turns nothing', async () => {
    const world = await setup();
    const late: HoldContext['notes'] = {
      note: async (thing) => thing,
      noted: async () => [],
      forget: async () => undefined,
    };
    await world.database.query(`update drydock.holds set let_go_at = clock_timestamp(), let_go_by = 'guard'`);
    await expect(readOnly.hold(world.context({}, { notes: late }))).rejects.toMatchObject({
      problem: { code: 'hold-lost' },
    });
    expect(await world.settings()).toEqual({});
  });

  it('two that let go at once both end well', async () => {
    const world = await setup();
    await readOnly.hold(world.context());
    const things = [...(await world.noted())].reverse();
    await Promise.all(
      [0, 1, 2].map(async () => {
        for (const thing of things) await letGoOfReadOnly(world.context(), thing);
      }),
    );
    expect(await world.settings()).toEqual({});
  });
});

describe('with clients at work the whole time', () => {
  it('reads are answered but for a session that is ended, writes are refused while held and go on afterwards', async () => {
    const world = await setup();
    const clients = startClients(world, 6);
    await expect.poll(() => clients.counts().writes).toBeGreaterThan(20);
    await readOnly.hold(world.context());
    const held = clients.counts();
    await expect.poll(() => clients.counts().refused - held.refused).toBeGreaterThan(20);
    await expect.poll(() => clients.counts().reads - held.reads).toBeGreaterThan(20);
    expect(clients.counts().writes).toBe(held.writes);
    expect((await readOnly.held(world.context())).kind).toBe('held');
    const window = { approvalTimeoutMs: 1, drainMs: 1_500, drainTimeoutMs: 15_000 };
    expect(await checkQuiet({ ...world.context(), window }, { kind: 'quiet' })).toMatchObject({ status: 'passed' });
    const rows = await world.database.query(SELECT);
    await readOnly.release(world.context());
    const released = clients.counts();
    await expect.poll(() => clients.counts().writes - released.writes).toBeGreaterThan(20);
    const refusedSince = clients.counts().refused;
    await expect.poll(() => clients.counts().writes - released.writes).toBeGreaterThan(100);
    expect(clients.counts().refused).toBe(refusedSince);
    const { writes, ended, others } = await clients.stop();
    expect(others).toEqual([]);
    // Each client loses its session at the most once when it is held, and once when it is let go.
    expect(ended).toBeLessThanOrEqual(2 * 6);
    expect(writes).toBeGreaterThan((rows as { count: number }[])[0]!.count);
  });
});
