import { beforeAll, describe, expect, test } from 'vitest';
import { attempt, channel, migratedWorld, ORGANISATION, recipient, refusal, unique, type World } from './world.ts';

interface Attempt {
  readonly id: string;
  readonly recipient_id: string;
  readonly channel_id: string;
  readonly attempt_number: number;
  readonly status: string;
  readonly scheduled_at: Date;
  readonly finished_at: Date | null;
  readonly next_attempt_at: Date | null;
  readonly max_attempts: number;
  readonly give_up_at: Date;
  readonly policy_id: string | null;
}

let world: World;

beforeAll(async () => {
  world = await migratedWorld();
});

/** All attempts of the delivery that `id` belongs to, in order. */
const series = (id: string) =>
  world.query<Attempt & Record<string, unknown>>(
    `SELECT other.* FROM communication.delivery_attempts one
       JOIN communication.delivery_attempts other USING (recipient_id, channel_id)
      WHERE one.id = $1 ORDER BY other.attempt_number`,
    [id],
  );

const claim = (id: string) =>
  world.query(
    `UPDATE communication.delivery_attempts
        SET status = 'sending', claimed_by = 'me', lease_expires_at = now() + interval '1 minute' WHERE id = $1`,
    [id],
  );
const fail = (id: string) =>
  world.query(`UPDATE communication.delivery_attempts SET status = 'failed', error_code = 'refused' WHERE id = $1`, [
    id,
  ]);

/** Fails the newest attempt of the series once. */
async function failOnce(id: string): Promise<void> {
  const newest = (await series(id)).at(-1)!;
  await claim(newest.id);
  await fail(newest.id);
}

const secondsBetween = (from: Date, to: Date) => (to.valueOf() - from.valueOf()) / 1000;

describe('a failed attempt', () => {
  test('is followed by the next, which counts one up and keeps the limits', async () => {
    const id = await attempt(world, { max_attempts: 3 });
    await failOnce(id);
    const [first, second] = await series(id);
    expect(first).toMatchObject({ attempt_number: 1, status: 'failed' });
    expect(second).toMatchObject({ attempt_number: 2, status: 'scheduled', max_attempts: 3 });
    expect(second!.scheduled_at).toEqual(first!.next_attempt_at);
    expect(second!.give_up_at).toEqual(first!.give_up_at);
  });

  test('waits twice as long every time, up to the longest wait, with up to a fifth taken off', async () => {
    const id = await attempt(world, { max_attempts: 6, retry_delay: '10 seconds', retry_delay_max: '60 seconds' });
    for (let count = 0; count < 5; count++) await failOnce(id);
    const waits = (await series(id)).slice(0, 5).map((one) => secondsBetween(one.finished_at!, one.next_attempt_at!));
    for (const [index, longest] of [10, 20, 40, 60, 60].entries()) {
      expect(waits[index]).toBeLessThanOrEqual(longest + 0.001);
      expect(waits[index]).toBeGreaterThanOrEqual(longest * 0.8 - 0.001);
    }
  });

  test('is given up when it was the last that the limits allow', async () => {
    const id = await attempt(world, { max_attempts: 2 });
    await failOnce(id);
    await failOnce(id);
    const attempts = await series(id);
    expect(attempts.map(({ status }) => status)).toEqual(['failed', 'abandoned']);
    expect(attempts[1]).toMatchObject({ next_attempt_at: null });
  });

  test('is given up when the next would come too late', async () => {
    const id = await attempt(world, { give_up_at: new Date(Date.now() + 5_000), retry_delay: '1 hour' });
    await failOnce(id);
    expect((await series(id)).map(({ status }) => status)).toEqual(['abandoned']);
  });

  test('can be given up at once, where trying again makes no sense', async () => {
    const id = await attempt(world);
    await claim(id);
    await world.query(
      `UPDATE communication.delivery_attempts SET status = 'abandoned', error_code = 'no_such_address' WHERE id = $1`,
      [id],
    );
    expect((await series(id)).map(({ status }) => status)).toEqual(['abandoned']);
  });

  test('and the next one are committed together or not at all', async () => {
    const id = await attempt(world);
    await claim(id);
    const client = await world.connect();
    await client.query('BEGIN');
    await client.query(`UPDATE communication.delivery_attempts SET status = 'failed', error_code = 'x' WHERE id = $1`, [
      id,
    ]);
    await client.query('ROLLBACK');
    expect((await series(id)).map(({ status }) => status)).toEqual(['sending']);
  });

  test('that the provider had taken already is tried again too', async () => {
    const id = await attempt(world);
    await claim(id);
    await world.query(`UPDATE communication.delivery_attempts SET status = 'sent' WHERE id = $1`, [id]);
    await fail(id);
    expect((await series(id)).map(({ status }) => status)).toEqual(['failed', 'scheduled']);
  });
});

describe('the series of attempts', () => {
  test.each(['scheduled', 'sending', 'delivered', 'abandoned', 'cancelled'])(
    'is not begun a second time while the last is %s',
    async (state) => {
      const id = await attempt(world, { max_attempts: 1 });
      if (state === 'cancelled') {
        await world.query(`UPDATE communication.delivery_attempts SET status = 'cancelled' WHERE id = $1`, [id]);
      } else if (state !== 'scheduled') {
        await claim(id);
        if (state === 'abandoned') await fail(id);
        if (state === 'delivered')
          await world.query(`UPDATE communication.delivery_attempts SET status = 'delivered' WHERE id = $1`, [id]);
      }
      const [one] = await series(id);
      expect(one!.status).toBe(state);
      const again = { recipient_id: one!.recipient_id, channel_id: one!.channel_id };
      expect(await refusal(attempt(world, again))).toMatchObject({
        code: '23505',
        constraint: 'delivery_attempts_number_key',
      });
      const inserted = await world.query(
        `INSERT INTO communication.delivery_attempts (organization_id, recipient_id, channel_id) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING RETURNING id`,
        [ORGANISATION, again.recipient_id, again.channel_id],
      );
      expect(inserted).toEqual([]);
    },
  );

  test('begins at 1, whatever the application says', async () => {
    const id = await attempt(world, { attempt_number: 7 });
    expect((await series(id)).map((one) => one.attempt_number)).toEqual([1]);
  });

  test('is begun once when two begin at the same time', async () => {
    const columns = [ORGANISATION, await recipient(world), await channel(world)];
    const sql = `INSERT INTO communication.delivery_attempts (organization_id, recipient_id, channel_id) VALUES ($1, $2, $3)`;
    const [first, second] = [await world.connect(), await world.connect()];
    await first.query('BEGIN');
    await first.query(sql, columns);
    const late = refusal(second.query(sql, columns));
    await first.query('COMMIT');
    expect((await late).constraint).toBe('delivery_attempts_number_key');
  });
});

describe('the limits of a delivery', () => {
  const policyOf = (channelId: string | null) =>
    world.insert(
      `INSERT INTO communication.policies (channel_id, key, name, max_attempts, retry_delay, retry_delay_max, give_up_after)
       VALUES ($1, $2, 'P', 2, '7 seconds', '8 seconds', '9 minutes') RETURNING id`,
      [channelId, unique('p')],
    );

  test('are those of its policy at the time it begins, and outlive it', async () => {
    const policyId = await policyOf(null);
    const id = await attempt(world, { policy_id: policyId, max_attempts: 50, give_up_at: '2999-01-01' });
    const [before] = await series(id);
    expect(before).toMatchObject({ max_attempts: 2, retry_delay: { seconds: 7 }, retry_delay_max: { seconds: 8 } });
    expect(secondsBetween(before!.scheduled_at, before!.give_up_at)).toBe(540);
    await world.query('UPDATE communication.policies SET max_attempts = 40 WHERE id = $1', [policyId]);
    await failOnce(id);
    await world.query('DELETE FROM communication.policies WHERE id = $1', [policyId]);
    expect((await series(id)).map((one) => [one.max_attempts, one.policy_id])).toEqual([
      [2, null],
      [2, null],
    ]);
  });

  test('are 8 attempts within 3 days where nobody says anything', async () => {
    const [one] = await series(await attempt(world));
    expect(one!.max_attempts).toBe(8);
    expect(secondsBetween(one!.scheduled_at, one!.give_up_at)).toBe(3 * 24 * 3600);
  });

  test('are not taken from a policy for another channel', async () => {
    const policyId = await policyOf(await channel(world));
    expect((await refusal(attempt(world, { policy_id: policyId }))).message).toBe(
      'the policy of a delivery is for another channel',
    );
  });

  test('cannot come from a policy that is not there', async () => {
    const missing = '00000000-0000-4000-8000-0000000000ff';
    expect((await refusal(attempt(world, { policy_id: missing }))).constraint).toBe('delivery_attempts_policy_id_fkey');
  });

  test('stay within what the database can count', async () => {
    expect((await refusal(attempt(world, { max_attempts: 51 }))).constraint).toBe('delivery_attempts_number_range');
    expect((await refusal(attempt(world, { max_attempts: 0 }))).constraint).toBe('delivery_attempts_number_range');
    expect((await refusal(attempt(world, { retry_delay: '0' }))).constraint).toBe(
      'delivery_attempts_retry_delay_range',
    );
    const longest = await world.query(
      `SELECT communication.delivery_retry_delay(50, '7 days', '7 days')::text AS delay`,
    );
    expect(longest).toEqual([{ delay: '7 days' }]);
  });
});
