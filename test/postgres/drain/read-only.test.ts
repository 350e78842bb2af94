import { describe, expect, it } from 'vitest';
import { readOnly } from '../../../src/drain/read-only/read-only.ts';
import { connect } from '../../../src/postgres/connect.ts';
import { preflight } from '../../../src/postgres/preflight.ts';
import { onCluster } from '../../support/postgres.ts';
import { urlAs } from '../checks/world.ts';
import { isEnded, pidOf, setup } from './read-only-world.ts';

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
    const session = await connect({ url: world.database.url, applicationName: 'drydock:test', purpose: 'migrate' });
    await preflight(session.client, { schemas: ['harbour'], session: 'run' });
    await expect(preflight(session.client, { schemas: ['harbour'], session: 'migrate' })).rejects.toMatchObject({
      problem: { code: 'database-read-only' },
    });
    await world.database.query(`delete from drydock.held_things where kind = 'read-only'`);
    await expect(preflight(session.client, { schemas: ['harbour'], session: 'run' })).rejects.toMatchObject({
      problem: { code: 'database-read-only' },
    });
    await session.close();
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
        // The quick one is idle for a moment, before it is gone.
        /^waiting for \d sessions?: pid \d+ \((quick|slow), user drain_\w+, from 127\.0\.0\.1, idle( in transaction)?, for [\d.]+ m?s\)$/,
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
        `^pid ${pid} \\(slow, user ${world.app}, from 127\\.0\\.0\\.1, idle in transaction, for [\\d.]+ m?s\\)$`,
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
