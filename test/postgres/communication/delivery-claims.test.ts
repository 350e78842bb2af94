import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { attempt, channel, message, migratedWorld, recipient, refusal, type World } from './world.ts';

interface Claimed extends Record<string, unknown> {
  readonly id: string;
  readonly status: string;
}

let world: World;

beforeAll(async () => {
  world = await migratedWorld();
});

// Everybody claims from one queue: each test wants to find it empty.
beforeEach(async () => {
  await world.query('TRUNCATE communication.messages CASCADE');
});

const CLAIM = 'SELECT * FROM communication.claim_due_deliveries($1, $2)';
const past = (seconds: number) => new Date(Date.now() - seconds * 1000);

async function dueAttempts(count: number): Promise<string[]> {
  const channelId = await channel(world);
  const ids: string[] = [];
  for (let index = 0; index < count; index++)
    ids.push(await attempt(world, { channel_id: channelId, scheduled_at: past(100 - index) }));
  return ids;
}

const statusesOf = async (ids: readonly string[]) =>
  (await world.query<Claimed>('SELECT id, status FROM communication.delivery_attempts WHERE id = ANY ($1)', [ids])).map(
    ({ status }) => status,
  );

describe('claiming due deliveries', () => {
  test('takes what is due, oldest first, up to the size of the batch, and leases it', async () => {
    const ids = await dueAttempts(3);
    await attempt(world, { scheduled_at: past(-3600) });
    const claimed = await world.query<Claimed>(CLAIM, ['sender-1', 2]);
    expect(claimed.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(claimed[0]).toMatchObject({ status: 'sending', claimed_by: 'sender-1', attempt_number: 1 });
    const lease = (claimed[0]!.lease_expires_at as Date).valueOf() - (claimed[0]!.claimed_at as Date).valueOf();
    expect(Math.abs(lease - 120_000)).toBeLessThan(1_000);
    expect((await world.query(CLAIM, ['sender-2', 9])).map(({ id }) => id)).toEqual(ids.slice(2));
    expect(await world.query(CLAIM, ['sender-3', 9])).toEqual([]);
  });

  test('gives two senders at once different deliveries, and neither waits', async () => {
    const ids = await dueAttempts(6);
    const [first, second] = [await world.connect(), await world.connect()];
    await first.query('BEGIN');
    await second.query('BEGIN');
    await second.query(`SET LOCAL lock_timeout = '1s'`);
    const mine = (await first.query<Claimed>(CLAIM, ['first', 4])).rows;
    const theirs = (await second.query<Claimed>(CLAIM, ['second', 4])).rows;
    await second.query('COMMIT');
    await first.query('COMMIT');
    expect(mine.map(({ id }) => id)).toEqual(ids.slice(0, 4));
    expect(theirs.map(({ id }) => id)).toEqual(ids.slice(4));
  });

  test('gives every delivery to one sender only, however many come at once', async () => {
    const ids = await dueAttempts(40);
    const senders = await Promise.all(Array.from({ length: 4 }, () => world.connect()));
    const drain = async (name: string, index: number) => {
      const taken: string[] = [];
      for (;;) {
        const { rows } = await senders[index]!.query<Claimed>(CLAIM, [name, 3]);
        if (rows.length === 0) return taken;
        taken.push(...rows.map(({ id }) => id));
      }
    };
    const taken = (await Promise.all(['a', 'b', 'c', 'd'].map(drain))).flat();
    expect(taken.toSorted()).toEqual(ids.toSorted());
  });

  test('gives back what a sender had claimed when it died before it committed', async () => {
    const ids = await dueAttempts(1);
    const dying = await world.connect();
    await dying.query('BEGIN');
    await dying.query(CLAIM, ['dying', 1]);
    const [{ pid }] = (await dying.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows as [{ pid: number }];
    await world.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
    expect((await world.query(CLAIM, ['heir', 1])).map(({ id }) => id)).toEqual(ids);
  });

  test('can be limited to one channel', async () => {
    await dueAttempts(1);
    const channelId = await channel(world);
    const id = await attempt(world, { channel_id: channelId });
    const claimed = await world.query(`SELECT id FROM communication.claim_due_deliveries('me', 10, '1 minute', $1)`, [
      channelId,
    ]);
    expect(claimed).toEqual([{ id }]);
  });

  test('cancels what belongs to a message that was deleted', async () => {
    const messageId = await message(world);
    const id = await attempt(world, { recipient_id: await recipient(world, messageId) });
    await world.query('UPDATE communication.messages SET deleted_at = now() WHERE id = $1', [messageId]);
    expect(await world.query(CLAIM, ['me', 10])).toEqual([]);
    expect(await statusesOf([id])).toEqual(['cancelled']);
  });

  test.each([
    ['', 1, '1 minute'],
    ['me', 0, '1 minute'],
    ['me', 1, '0'],
  ])('refuses the arguments %j, %j, %j', async (...given) => {
    const claim = world.query('SELECT * FROM communication.claim_due_deliveries($1, $2, $3)', given);
    expect((await refusal(claim)).code).toBe('22023');
  });
});

describe('a lease that ended', () => {
  /** Claims with a lease that is over by the time of the next statement. */
  const claimBriefly = () =>
    world.query<Claimed>(`SELECT * FROM communication.claim_due_deliveries('silent', 10, '1 microsecond')`);

  test('counts as a failed attempt and is followed by the next', async () => {
    const [id] = await dueAttempts(1);
    await claimBriefly();
    expect(await world.query(CLAIM, ['next', 10])).toEqual([]);
    const attempts = await world.query(
      'SELECT attempt_number, status, error_code FROM communication.delivery_attempts ORDER BY 1',
    );
    expect(attempts).toEqual([
      { attempt_number: 1, status: 'failed', error_code: 'lease_expired' },
      { attempt_number: 2, status: 'scheduled', error_code: null },
    ]);
    const late = world.query(`UPDATE communication.delivery_attempts SET status = 'sent' WHERE id = $1`, [id]);
    expect((await refusal(late)).message).toBe('a delivery attempt cannot go from failed to sent');
  });

  test('is given up in the end, so that a message that kills its senders does not go round for ever', async () => {
    await attempt(world, { max_attempts: 1 });
    await claimBriefly();
    await world.query('SELECT communication.expire_delivery_leases()');
    expect(await world.query('SELECT status FROM communication.delivery_attempts')).toEqual([{ status: 'abandoned' }]);
  });

  test('leaves a sender that reports before anybody noticed with its word', async () => {
    const [id] = await dueAttempts(1);
    await claimBriefly();
    await world.query(`UPDATE communication.delivery_attempts SET status = 'delivered' WHERE id = $1`, [id]);
    expect(await world.query(`SELECT communication.expire_delivery_leases() AS count`)).toEqual([{ count: '0' }]);
  });
});
