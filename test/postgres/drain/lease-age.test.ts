/** A hold of long ago is as harmless as one of yesterday: its row stays in the database between runs that are months apart. */
import { describe, expect, it } from 'vitest';
import { endLease, extendLease, type LeaseOwner, readLease, takeLease } from '../../../src/drain/lease/lease.ts';
import { letGoOfAll } from '../../../src/drain/let-go-of-all.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { TARGET } from '../checks/world.ts';

const FIRST: LeaseOwner = { workflowId: 'harbour/a', runId: 'run-1', namespace: 'default', target: 'a', token: '1' };
const LATER: LeaseOwner = { ...FIRST, runId: 'run-2', token: '2' };
const DAY_MS = 86_400_000;

async function setup() {
  const database = await freshDatabase();
  const client = await database.connect();
  await takeLease(client, FIRST, 30_000);
  const age = (days: number) =>
    database.query(`update drydock.holds set expires_at = clock_timestamp() - interval '${days} days'`);
  return { database, client, age };
}

describe('a hold of two months ago', () => {
  it('that ended does not keep the next run from taking its own', async () => {
    const { client, age } = await setup();
    await endLease(client, FIRST, 'run');
    await age(60);
    expect((await readLease(client))!.remainingMs).toBeLessThan(-59 * DAY_MS);
    expect(await takeLease(client, LATER, 30_000)).toMatchObject({ token: '2', state: 'held' });
  });

  it('that nobody ended can still be let go of', async () => {
    const { client, database, age } = await setup();
    await age(60);
    const context = { target: TARGET, url: database.url, secret: async () => '' };
    const report = await letGoOfAll(context, client, { owner: FIRST, by: 'command', when: 'lease-ran-out' });
    expect(report.kind).toBe('let-go');
  });
});

describe('a hold that is kept for a person', () => {
  it('may be kept for a month', async () => {
    const { client } = await setup();
    expect((await extendLease(client, FIRST, 30 * DAY_MS)).remainingMs).toBeGreaterThan(29 * DAY_MS);
  });
});
