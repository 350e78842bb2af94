import { describe, expect, it } from 'vitest';
import type { HoldContext } from '../../../src/drain/hold.ts';
import { holdNotes } from '../../../src/drain/lease/notes.ts';
import { letGoOfAll } from '../../../src/drain/let-go-of-all.ts';
import { letGoOfReadOnly } from '../../../src/drain/read-only/let-go.ts';
import { readOnly } from '../../../src/drain/read-only/read-only.ts';
import { connect } from '../../../src/postgres/connect.ts';
import { onCluster } from '../../support/postgres.ts';
import { isEnded, OWNER, setup } from './read-only-world.ts';

const INSERT = `insert into harbour.berths (ship) values ('Aurora')`;
const REFUSED = { code: '25006' };

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

describe('a run that is gone', () => {
  it('is let go of by its guard when the lease has run out: settings exact, writes work', async () => {
    const world = await setup();
    await onCluster(
      `alter role ${world.app} in database ${world.database.name} set default_transaction_read_only = 'off'`,
    );
    const before = await world.settings();
    await readOnly.hold(world.context());
    const stale = await world.connectAs(world.app);
    const session = await connect({ url: world.database.url, applicationName: 'drydock:guard', purpose: 'check' });
    const request = { owner: OWNER, by: 'guard', when: 'lease-ran-out' } as const;
    expect((await letGoOfAll(world.context(), session.client, request)).kind).toBe('not-due');
    await world.database.query(`update drydock.holds set expires_at = clock_timestamp()`);
    expect(await letGoOfAll(world.context(), session.client, request)).toMatchObject({
      kind: 'let-go',
      done: [
        `default_transaction_read_only of the database: not set again; default_transaction_read_only of role ${world.app}: off again; read-only sessions ended: 1 idle session, 0 busy`,
        `${world.app}: as it was before already`,
        'database: as it was before already',
      ],
      failed: [],
    });
    await session.close();
    expect(await isEnded(stale)).toBe(true);
    expect(await world.settings()).toEqual(before);
    await (await world.connectAs(world.app)).query(INSERT);
    expect(await readOnly.held(world.context())).toMatchObject({ kind: 'broken', problem: { code: 'hold-lost' } });
  });
});
