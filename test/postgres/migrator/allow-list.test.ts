/** Sessions that the allow list names are cancelled or ended when they are in the way, and nobody else is. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BlockerRule } from '../../../src/model/blocker-rule.ts';
import { eventText } from '../../../src/report/migrator/event-text.ts';
import { onCluster } from '../../support/postgres.ts';
import { of, setupWider } from './locks-world.ts';
import { HASTY, kinds, SIMPLE, setup, until, type World } from './world.ts';

/** A login that is no superuser; gone with its database's connections, dropped by nobody: roles are the cluster's. */
async function plainUser(world: World): Promise<{ readonly user: string; readonly url: string }> {
  const user = `app_${randomBytes(4).toString('hex')}`;
  await onCluster(`create role ${user} login password 'p'`);
  await world.database.query(`grant usage on schema app to ${user}; grant all on all tables in schema app to ${user}`);
  const url = new URL(world.database.url);
  url.username = user;
  url.password = 'p';
  return { user, url: url.href };
}

/** A role that may make schemas here, and neither sees nor ends others. */
async function plainMigrator(world: World): Promise<{ readonly url: string }> {
  const owner = await plainUser({ ...world, database: { ...world.database, query: async () => [] } });
  await world.database.query(`grant create on database ${world.database.name} to ${owner.user}`);
  return owner;
}

describe('the allow list', () => {
  const listed = (more: Partial<BlockerRule>): BlockerRule[] => [
    { application: 'report-*', afterMs: 300, action: 'terminate', graceMs: 300, ...more },
  ];
  const patience = { ...HASTY, totalMs: 30_000 };

  it('ends a listed session that is idle in its transaction, and nobody else', async () => {
    const world = await setupWider();
    const { user, url } = await plainUser(world);
    const idle = await world.database.connect({ connectionString: url, application_name: 'report-daily' });
    await idle.query('begin; select * from app.parents');
    const unlisted = await world.database.connect({ connectionString: url, application_name: 'billing' });
    await unlisted.query('begin; select * from app.parents');
    const running = world.open({ lockPolicy: { ...patience, cancelBlockers: listed({}) } }).migrate();
    await until(() => kinds(world.events).includes('blocker-terminated'));
    const seen = of(world, 'lock-timeout').length;
    // Long enough for the rule to have struck the other one, too, if it meant it.
    await until(() => of(world, 'lock-timeout').length >= seen + 6);
    await unlisted.query('select 1');
    await unlisted.query('commit');
    expect(await running).toHaveLength(1);
    await expect(idle.query('select 1')).rejects.toThrow();
    expect(kinds(world.events).filter((kind) => kind.startsWith('blocker-'))).toEqual(['blocker-terminated']);
    const [ended] = of(world, 'blocker-terminated');
    expect(ended).toMatchObject({
      doing: 'applying 004_wider',
      blocker: { application: 'report-daily', user, state: 'idle in transaction', holds: 'AccessShareLock' },
    });
    expect(ended!.waitedMs).toBeGreaterThanOrEqual(300);
    expect(eventText(ended!)).toMatch(
      /^ {2}applying 004_wider: ended, as the allow list says, after [\d.]+ m?s:\n {4}pid \d+ \(report-daily, user app_\w+, from 127.0.0.1, idle in transaction, for [\d.]+ s\) holds AccessShareLock, we want AccessExclusiveLock on app.parents$/,
    );
  });

  it('cancels the statement of a listed session that is active, and its session lives', async () => {
    const world = await setupWider();
    const { url } = await plainUser(world);
    const active = await world.database.connect({ connectionString: url, application_name: 'report-daily' });
    const query = active.query('select count(*), pg_sleep(600) from app.parents');
    query.catch(() => undefined);
    await until(
      async () =>
        (
          await world.database.query(
            `select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`,
          )
        ).length === 1,
    );
    const rules = listed({ action: 'cancel' });
    expect(await world.open({ lockPolicy: { ...patience, cancelBlockers: rules } }).migrate()).toHaveLength(1);
    await expect(query).rejects.toMatchObject({ code: '57014' });
    expect((await active.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(kinds(world.events).filter((kind) => kind.startsWith('blocker-'))).toEqual(['blocker-cancelled']);
  });

  it('cancels first, and ends what does not heed it after the grace', async () => {
    const world = await setupWider();
    const { url } = await plainUser(world);
    const stubborn = await world.database.connect({ connectionString: url, application_name: 'report-daily' });
    const query = stubborn.query(`do $$ begin
      perform count(*) from app.parents;
      loop begin perform pg_sleep(600); exception when query_canceled then null; end; end loop;
    end $$`);
    query.catch(() => undefined);
    await until(
      async () =>
        (
          await world.database.query(
            `select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`,
          )
        ).length === 1,
    );
    await world.open({ lockPolicy: { ...patience, cancelBlockers: listed({}) } }).migrate();
    await expect(query).rejects.toThrow();
    expect(kinds(world.events).filter((kind) => kind.startsWith('blocker-'))).toEqual([
      'blocker-cancelled',
      'blocker-terminated',
    ]);
    const [{ waitedMs: first }, { waitedMs: second }] = [
      of(world, 'blocker-cancelled')[0]!,
      of(world, 'blocker-terminated')[0]!,
    ];
    expect(second - first).toBeGreaterThanOrEqual(300);
  });

  it('spares superusers and our own sessions even where it names them, and says so once', async () => {
    const world = await setupWider();
    const superuser = await world.database.connect({ application_name: 'report-admin' });
    await superuser.query('begin; select * from app.parents');
    const ours = await world.database.connect({ application_name: 'drydock:cli:other' });
    await ours.query('begin; select * from app.parents');
    const rules = [...listed({}), ...listed({ application: 'drydock:*' })];
    const running = world.open({ lockPolicy: { ...patience, cancelBlockers: rules } }).migrate();
    await until(() => of(world, 'blocker-spared').length === 2);
    const seen = of(world, 'lock-timeout').length;
    await until(() => of(world, 'lock-timeout').length >= seen + 4);
    await superuser.query('commit');
    await ours.query('commit');
    await running;
    expect(of(world, 'blocker-spared').map(({ why, blocker }) => [blocker.application, why])).toEqual([
      ['report-admin', 'protected'],
      ['drydock:cli:other', 'protected'],
    ]);
    expect(kinds(world.events)).not.toContain('blocker-terminated');
  });

  it('does nothing for a role without the right, and says which it lacks', async () => {
    const world = await setup({ migrations: {} });
    const owner = await plainMigrator(world);
    const open = (more = {}) => world.open({ url: owner.url, ...more });
    for (const [name, [up, down]] of Object.entries(SIMPLE)) {
      await world.write(`${name}.up.sql`, up);
      await world.write(`${name}.down.sql`, down);
    }
    await open().migrate();
    await world.write('004_wider.up.sql', 'alter table app.parents add column more int;');
    await world.write('004_wider.down.sql', 'alter table app.parents drop column more;');
    const { url } = await plainUser(world);
    const idle = await world.database.connect({ connectionString: url, application_name: 'report-daily' });
    await idle.query('begin; select * from app.parents');
    const running = open({ lockPolicy: { ...patience, cancelBlockers: listed({ afterMs: 0 }) } }).migrate();
    await until(() => kinds(world.events).includes('blocker-spared') || of(world, 'lock-timeout').length > 20);
    await idle.query('commit');
    await running;
    expect(of(world, 'blocker-spared')).toMatchObject([{ why: 'no-right', blocker: { application: 'report-daily' } }]);
  });
});
