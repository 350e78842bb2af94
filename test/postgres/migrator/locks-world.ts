/** A migration that has to wait for others, and what it tells of them. */
import type { MigratorEvent } from '../../../src/model/migrator-event.ts';
import { setup, type World } from './world.ts';

/** Three migrations applied, and one pending that needs ACCESS EXCLUSIVE on a table in use. */
export async function setupWider(up = 'alter table app.parents add column more int;'): Promise<World> {
  const world = await setup();
  await world.open().migrate();
  await world.write('004_wider.up.sql', up);
  await world.write('004_wider.down.sql', 'alter table app.parents drop column more;');
  world.events.length = 0;
  return world;
}

export const of = <Kind extends MigratorEvent['kind']>(world: World, kind: Kind) =>
  world.events.filter((event): event is Extract<MigratorEvent, { kind: Kind }> => event.kind === kind);
