/** A status that may not look is told what is missing, and looks once it may. */
import { expect, it } from 'vitest';
import { onCluster } from '../../support/postgres.ts';
import { setup } from './world.ts';

it('a role without rights on the schema is told so, and the same migrator answers after the grant', async () => {
  const world = await setup();
  await world.open().migrate();
  const role = `r_${world.database.name}`;
  await onCluster(`create role ${role} login password 'x'`);
  const url = new URL(world.database.url);
  url.username = role;
  url.password = 'x';
  const migrator = world.open({ url: url.href });
  // Not as a connection that could not be opened.
  await expect(migrator.status()).rejects.toThrow(/^permission denied for schema app$/);
  await world.database.query(`grant usage on schema app to ${role}; grant select on app.schema_migrations to ${role}`);
  expect(await migrator.status()).toMatchObject({ migrations: [{ state: 'applied' }, {}, {}] });
  expect((await migrator.status()).tables).toEqual(['app.children', 'app.parents']);
  await migrator.close();
  await world.database.query(`drop owned by ${role}`);
  await onCluster(`drop role ${role}`);
});
