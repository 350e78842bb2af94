/** The throw-away databases of rehearsals: dropped in every case, told from others, and like the target as far as it goes. */
import { expect, test } from 'vitest';
import { keepOnTarget } from '../../../src/migrator/rehearsal/keep-rehearsal.ts';
import { dropLeftovers } from '../../../src/migrator/rehearsal/leftovers.ts';
import { findRehearsal } from '../../../src/migrator/rehearsal/rehearsal-store.ts';
import { makeThrowAway, THROW_AWAY_COMMENT } from '../../../src/migrator/rehearsal/throw-away.ts';
import { onCluster } from '../../support/postgres.ts';
import { hasFittingDump, rehearsalWorld as setup, throwAwaysOf, WITHOUT_DUMP } from './rehearsal-world.ts';
import { problemOf } from './world.ts';

test('a rehearsal that is interrupted drops its database all the same', async () => {
  const world = await setup({
    migrations: {
      '001_schema': ['create schema app;', 'drop schema app;'],
      '002_slow': ['select pg_sleep(60);', 'select 1;'],
    },
  });
  const stop = new AbortController();
  const running = world.rehearse({
    signal: stop.signal,
    emit: (event) => {
      world.told.push(event);
      if (event.kind === 'rehearsed') stop.abort();
    },
  });
  expect(await problemOf(running)).toMatchObject({ code: 'interrupted' });
  expect(world.told.at(-1)).toMatchObject({ kind: 'rehearsal-database-dropped' });
  expect(await throwAwaysOf(world)).toEqual([]);
});

test('two rehearsals of one target at once do not meet', async () => {
  const world = await setup();
  const [one, two] = await Promise.all([world.rehearse(), world.rehearse()]);
  expect([one.verdict, two.verdict]).toEqual(['mirrors', 'mirrors']);
  expect(one.planDigest).toBe(two.planDigest);
  expect(await throwAwaysOf(world)).toEqual([]);
});

test('leftovers are dropped once they are old and nobody is connected, and nothing else is', async () => {
  const { database } = await setup();
  const plan = { maintenanceUrl: database.url, options: 'template template0', settings: [] };
  const [inUse, left] = [await makeThrowAway(plan), await makeThrowAway(plan)];
  // As a killed rehearsal leaves it: nobody is connected any more.
  await left.session.close();
  const named = `drydock_rehearsal_${database.name.slice(5)}`;
  await onCluster(`create database ${named}`);
  const client = await database.connect();
  try {
    const dropped = async () => (await dropLeftovers(client)).map(({ name }) => name);
    expect(await dropped()).not.toContain(left.name);
    const longAgo = new Date(Date.now() - 3_600_000).toISOString();
    for (const { name } of [inUse, left]) {
      await onCluster(`comment on database ${name} is '${THROW_AWAY_COMMENT} Since ${longAgo}'`);
    }
    await expect.poll(dropped).toContain(left.name);
    const rows = await database.query<{ name: string }>(
      'select datname::text as name from pg_database where datname = any ($1) order by 1',
      [[inUse.name, left.name, named]],
    );
    // One is in use; the other has the name, but nobody says that it was made by a rehearsal.
    expect(rows.map(({ name }) => name)).toEqual([inUse.name, named].sort());
  } finally {
    await inUse.drop();
    await onCluster(`drop database ${named}`);
  }
});

test('what cannot be made in the throw-away database is named, and the rehearsal goes on without it', async ({
  skip,
}) => {
  skip(!hasFittingDump, WITHOUT_DUMP);
  const world = await setup();
  const migrator = world.open();
  await migrator.migrate();
  await migrator.rollback();
  // A role that may not give away what it makes, on a server where the owner exists.
  const [owner, role] = [`owner_${world.database.name}`, `maker_${world.database.name}`];
  await onCluster(`create role ${owner}; create role ${role} login createdb password 'x'`);
  try {
    await world.database.query(
      `create table public.foreign_owned (id int); alter table public.foreign_owned owner to ${owner};
       grant usage on schema app to ${role}; grant select on all tables in schema app, public to ${role};
       grant usage, create on schema public to ${role}; grant create on schema app to ${role};`,
    );
    const url = new URL(world.database.url);
    url.username = role;
    url.password = 'x';
    const found = await world.rehearse({ target: { ...world.target, url: url.href } });
    expect(found.schemaFrom).toMatchObject({
      kind: 'dump',
      lacking: expect.arrayContaining([
        { what: 'OWNER OF TABLE public.foreign_owned', why: expect.stringContaining(`"${owner}"`) },
      ]),
    });
    expect(found.likeTarget).toMatchObject({
      kind: 'differs',
      lines: expect.arrayContaining([expect.stringMatching(/^changed: table public.foreign_owned/)]),
    });
  } finally {
    await world.database.query(`drop table public.foreign_owned; drop owned by ${role};`);
    await onCluster(`drop role ${role}; drop role ${owner}`);
  }
});

test('settings of the database itself hold in the throw-away one, but for a hold on traffic', async () => {
  const world = await setup({
    migrations: {
      '001_schema': ['create schema app;', 'drop schema app;'],
      // Found by the search path of the database alone.
      '002_unqualified': ['create table things (id int);', 'drop table app.things;'],
    },
  });
  const { name } = world.database;
  await world.database.query(
    `alter database ${name} set search_path = 'app', public; alter database ${name} set default_transaction_read_only = on`,
  );
  const found = await world.rehearse();
  expect(found.migrations.map(({ mirrors }) => mirrors)).toEqual(['yes', 'yes']);
});

test('the result is found again by exactly this plan on exactly this ledger', async () => {
  const world = await setup();
  const found = await world.rehearse();
  expect(await keepOnTarget(world.database.url, found)).toBeNull();
  const client = await world.database.connect();
  expect(await findRehearsal(client, found.planDigest)).toEqual(found);
  // Applying one of them changes what is pending: the rehearsal was of something else.
  await world.write('003_children.up.sql', 'create table app.children (id int);');
  const other = await world.rehearse();
  expect(other.planDigest).not.toBe(found.planDigest);
  expect(await findRehearsal(client, other.planDigest)).toBeUndefined();
});

test('a role that may not write on the target only loses the copy that is kept there', async () => {
  const world = await setup();
  const found = await world.rehearse();
  const role = `reader_${world.database.name}`;
  await onCluster(`create role ${role} login password 'x'`);
  const url = new URL(world.database.url);
  url.username = role;
  url.password = 'x';
  expect(await keepOnTarget(url.href, found)).toMatchObject({
    code: 'missing-rights',
    message: expect.stringContaining('storing the rehearsal on the target failed'),
  });
  await onCluster(`drop role ${role}`);
});
