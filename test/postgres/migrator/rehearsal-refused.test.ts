/** What is not rehearsed, and where it is not done: each refusal says why, and the way out. */
import { expect, test } from 'vitest';
import { onCluster } from '../../support/postgres.ts';
import { chosenSource, rehearsalWorld as setup } from './rehearsal-world.ts';
import { problemOf } from './world.ts';

test('where nothing is pending the whole set is rehearsed from an empty database with --all only', async () => {
  const world = await setup();
  await world.open().migrate();
  expect(await problemOf(world.rehearse())).toMatchObject({
    code: 'nothing-to-rehearse',
    found: '3 applied, none to apply',
    next: 'rehearse the whole set from an empty database: `rehearse --all`',
  });
  const found = await world.rehearse({ scope: 'all' });
  expect(found).toMatchObject({
    verdict: 'mirrors',
    scope: 'all',
    schemaFrom: { kind: 'empty', stub: null },
    likeTarget: { kind: 'not compared' },
  });
  expect(found.migrations.map(({ version, mirrors }) => [version, mirrors])).toEqual([
    ['001', 'yes'],
    ['002', 'yes'],
    ['003', 'yes'],
  ]);
  expect(await world.ledger()).toEqual(['001 1/1', '002 1/1', '003 1/1']);
});

test('a role that may not create databases is refused on the same server, with the way out', async () => {
  const world = await setup();
  const role = `plain_${world.database.name}`;
  await onCluster(`create role ${role} login password 'x'`);
  await world.database.query(`grant create on database ${world.database.name} to ${role}`);
  const url = new URL(world.database.url);
  url.username = role;
  url.password = 'x';
  const target = { ...world.target, url: url.href };
  try {
    expect(await problemOf(world.rehearse({ target, on: { kind: 'same-server' } }))).toMatchObject({
      code: 'rehearsal-no-place',
      found: `role ${role} may not create databases on the target's server`,
      next: 'name one with `rehearse --on $OTHER_URL`, a URL whose role may create databases',
    });
    // Left to choose, it would take a server of this machine; here nobody may start one.
    expect(await problemOf(world.rehearse({ target }))).toMatchObject({
      code: 'rehearsal-no-place',
      found: `role ${role} may not create databases on the target's server\nno PostgreSQL of this machine can be started from here`,
    });
    // On a server where another role may: owners are left out, and the fingerprints are compared without them.
    const found = await world.rehearse({ target, on: { kind: 'url', url: world.database.url } });
    expect(found).toMatchObject({
      verdict: 'mirrors',
      place: 'other-server',
      schemaFrom: chosenSource('left out'),
      likeTarget: { kind: 'same' },
    });
  } finally {
    await world.database.query(`revoke all on database ${world.database.name} from ${role}`);
    await onCluster(`drop role ${role}`);
  }
});

test('the server of a production is only used when somebody asks for just that', async () => {
  const world = await setup();
  expect(await problemOf(world.rehearse({ environment: 'production' }))).toMatchObject({
    code: 'rehearsal-no-place',
    found: expect.stringContaining('`rehearse --on same-server`'),
  });
  const asked = await world.rehearse({ environment: 'production', on: { kind: 'same-server' } });
  expect(asked.place).toBe('same-server');
});

test('files that do not fit the ledger, and half a migration, are refused before anything is made', async () => {
  const world = await setup();
  await world.open().migrate();
  await world.write('003_children.up.sql', 'create table app.children (id int);');
  await world.write('004_more.up.sql', 'select 1;');
  await world.write('004_more.down.sql', 'select 1;');
  expect(await problemOf(world.rehearse())).toMatchObject({ code: 'migration-edited' });
  expect(world.told).toEqual([]);
});
