/** How far an index is, told while it is built: in events, in a terminal, and to whoever looks at the run in Temporal. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BuildProgress } from '../../../src/model/migrator-event.ts';
import { eventText } from '../../../src/report/migrator/event-text.ts';
import { onCluster } from '../../support/postgres.ts';
import { setup, until, type World } from './world.ts';

/** One row per page, and a tenth of a second per row: a build of four seconds, whatever the machine. */
const SLOW: readonly [string, string] = [
  `create table app.items (id int, filler text);
   alter table app.items alter column filler set storage plain;
   insert into app.items select n, repeat('x', 5000) from generate_series(1, 40) n;
   create function app.slow(id int) returns int immutable language plpgsql as $$ begin perform pg_sleep(0.1); return id; end $$;`,
  'drop table app.items; drop function app.slow;',
];
const SCHEMA = ['create schema app;', 'drop schema app;'] as const;

const progressIn = (world: World): BuildProgress[] =>
  world.events.flatMap((event) => (event.kind === 'build-progress' ? [event.build] : []));

async function built(up: string): Promise<World> {
  const world = await setup({
    migrations: { '001_schema': SCHEMA, '002_items': SLOW, '003_slow': [up, 'drop index app.items_slow;'] },
  });
  await world.open().migrate();
  return world;
}

describe('an index that takes long', () => {
  it('is told with phase and percent, which only grow, when built CONCURRENTLY', async () => {
    const world = await built('create index concurrently items_slow on app.items (app.slow(id));');
    const told = progressIn(world);
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told.map(({ percent }) => percent)).toEqual(told.map(({ percent }) => percent).sort((a, b) => a - b));
    expect(told[0]).toMatchObject({
      index: 'app.items_slow',
      table: 'app.items',
      command: 'CREATE INDEX CONCURRENTLY',
      phase: 'building index: scanning table',
      lockersTotal: expect.any(Number),
    });
    // It is looked at after two of its four seconds: near the middle of the scan, which is half of the whole.
    expect(told[0]!.percent).toBeGreaterThan(10);
    expect(told[0]!.percent).toBeLessThan(50);
    const first = world.events.find(({ kind }) => kind === 'build-progress')!;
    expect(eventText(first)).toMatch(/^ {2}index app\.items_slow: \d+ %, building index: scanning table$/);
  });

  it('is told without its name while it is built inside a transaction, where nobody can see it', async () => {
    const world = await built('create index items_slow on app.items (app.slow(id));');
    const told = progressIn(world);
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told[0]).toMatchObject({ index: null, table: 'app.items', command: 'CREATE INDEX' });
    expect(eventText(world.events.find(({ kind }) => kind === 'build-progress')!)).toMatch(
      /^ {2}an index on app\.items: \d+ %, building index: scanning table$/,
    );
  });

  it('is told where it is built again', async () => {
    const world = await built(
      'create index items_slow on app.items (app.slow(id));\n-- again\nreindex index concurrently app.items_slow;',
    );
    expect(progressIn(world).some(({ command }) => command === 'REINDEX CONCURRENTLY')).toBe(true);
  });

  it('is told with the sessions that it waits for, and they are named', async () => {
    const world = await setup({
      migrations: {
        '001_schema': SCHEMA,
        '002_items': ['create table app.items (id int);', 'drop table app.items;'],
        '003_index': ['create index concurrently items_id on app.items (id);', 'drop index app.items_id;'],
      },
    });
    const files = await world.open().plan();
    const [first, second] = files.migrations.map(({ file }) => file!);
    await world.open().applyOne({ version: '001', upChecksum: first!.up.checksum });
    await world.open().applyOne({ version: '002', upChecksum: second!.up.checksum });
    const holder = await world.database.connect({ application_name: 'long-report' });
    await holder.query('begin isolation level repeatable read; select 1');
    const running = world.open().migrate();
    await until(() => progressIn(world).some(({ phase }) => phase === 'waiting for old snapshots'));
    await until(() => world.events.some(({ kind }) => kind === 'waiting-for-sessions'));
    await holder.query('rollback');
    await running;
    const waiting = world.events.find(
      (event) => event.kind === 'build-progress' && event.build.phase === 'waiting for old snapshots',
    )!;
    expect(eventText(waiting)).toMatch(
      /^ {2}index app\.items_id: 97 %, waiting for old snapshots, \d of [1-9]\d* sessions? done$/,
    );
    const named = world.events.find(({ kind }) => kind === 'waiting-for-sessions')!;
    expect(eventText(named)).toMatch(
      /^ {2}applying 003_index, building items_id,: waiting for other sessions:\n {4}pid \d+ \(long-report, user postgres, from 127\.0\.0\.1, idle in transaction, for [\d.]+ s\), we want the end of its transaction$/,
    );
  });

  it('costs no second connection where it takes a moment', async () => {
    const world = await setup();
    const user = `one_${randomBytes(4).toString('hex')}`;
    await onCluster(`create role ${user} login password 'p' connection limit 1`);
    await world.database.query(`grant create on database ${world.database.name} to ${user}`);
    const url = new URL(world.database.url);
    url.username = user;
    url.password = 'p';
    expect(await world.open({ url: url.href }).migrate()).toHaveLength(3);
  });
});
