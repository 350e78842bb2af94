/** The client under test against the run's own Temporal server. */
import { afterAll } from 'vitest';
import { connectTemporal, type TemporalLink } from '../../../src/client/connect.ts';
import type { World } from '../../support/world.ts';

const links: TemporalLink[] = [];

afterAll(async () => {
  for (const link of links.splice(0)) await link.close();
});

/** A link to the server of this world, closed when the test file ends. */
export async function linkTo({ temporal }: World): Promise<TemporalLink> {
  const link = await connectTemporal({ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace });
  links.push(link);
  return link;
}
