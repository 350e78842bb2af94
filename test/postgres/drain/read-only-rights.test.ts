import { describe, expect, it } from 'vitest';
import { checkQuiet } from '../../../src/checks/quiet.ts';
import { readOnly } from '../../../src/drain/read-only/read-only.ts';
import { onCluster } from '../../support/postgres.ts';
import { isEnded, setup, startClients } from './read-only-world.ts';

const SELECT = 'select count(*)::int as count from harbour.berths';

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
