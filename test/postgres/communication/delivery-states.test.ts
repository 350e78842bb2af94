import { beforeAll, describe, expect, test } from 'vitest';
import { attempt, channel, migratedWorld, recipient, refusal, type World } from './world.ts';

const STATES = ['scheduled', 'sending', 'sent', 'delivered', 'failed', 'abandoned', 'cancelled'] as const;
type State = (typeof STATES)[number];

/** What the lifecycle allows; everything else is refused. */
const ALLOWED: Readonly<Record<State, readonly State[]>> = {
  scheduled: ['sending', 'cancelled'],
  sending: ['sent', 'delivered', 'failed', 'abandoned'],
  sent: ['delivered', 'failed', 'abandoned'],
  delivered: [],
  failed: [],
  abandoned: [],
  cancelled: [],
};

/** A way from scheduled to each state. */
const WAY: Readonly<Record<State, readonly State[]>> = {
  scheduled: [],
  sending: ['sending'],
  sent: ['sending', 'sent'],
  delivered: ['sending', 'delivered'],
  failed: ['sending', 'failed'],
  abandoned: ['sending', 'abandoned'],
  cancelled: ['cancelled'],
};

/** What has to be said with a move. */
const WITH: Readonly<Partial<Record<State, string>>> = {
  sending: `, claimed_by = 'me', lease_expires_at = now() + interval '1 minute'`,
  failed: `, error_code = 'refused'`,
  abandoned: `, error_code = 'refused'`,
};

let world: World;
let shared: string;

beforeAll(async () => {
  world = await migratedWorld();
  shared = await channel(world);
});

const move = (id: string, to: State) =>
  world.query(`UPDATE communication.delivery_attempts SET status = '${to}'${WITH[to] ?? ''} WHERE id = $1`, [id]);
const change = (id: string, set: string) =>
  world.query(`UPDATE communication.delivery_attempts SET ${set} WHERE id = $1`, [id]);
const read = async (id: string) =>
  (await world.query<Record<string, unknown>>('SELECT * FROM communication.delivery_attempts WHERE id = $1', [id]))[0]!;

async function attemptIn(state: State): Promise<string> {
  const id = await attempt(world, { channel_id: shared });
  for (const step of WAY[state]) await move(id, step);
  return id;
}

describe('a delivery attempt', () => {
  const pairs = STATES.flatMap((from) => STATES.filter((to) => to !== from).map((to) => [from, to] as const));

  test.each(pairs.filter(([from, to]) => ALLOWED[from].includes(to)))('can go from %s to %s', async (from, to) => {
    const id = await attemptIn(from);
    await move(id, to);
    expect((await read(id)).status).toBe(to);
  });

  test.each(pairs.filter(([from, to]) => !ALLOWED[from].includes(to)))('cannot go from %s to %s', async (from, to) => {
    const id = await attemptIn(from);
    expect(await refusal(move(id, to))).toEqual({
      code: '23514',
      constraint: 'delivery_attempts_move',
      message: `a delivery attempt cannot go from ${from} to ${to}`,
    });
  });

  test('the function that says so agrees', async () => {
    for (const [from, to] of pairs) {
      const rows = await world.query('SELECT communication.delivery_may_move($1, $2) AS may', [from, to]);
      expect(rows).toEqual([{ may: ALLOWED[from].includes(to) }]);
    }
  });

  test.each(STATES.filter((state) => state !== 'scheduled'))('does not begin as %s', async (status) => {
    expect(await refusal(attempt(world, { status }))).toMatchObject({
      code: '23514',
      constraint: 'delivery_attempts_begin',
    });
  });

  test('does not take an unknown status', async () => {
    expect((await refusal(change(await attemptIn('sending'), `status = 'lost'`))).code).toBe('23514');
  });

  test.each(['delivered', 'failed', 'abandoned', 'cancelled'] as const)('that is %s does not change', async (state) => {
    const id = await attemptIn(state);
    for (const set of [
      `error_message = 'x'`,
      `provider_message_id = 'x'`,
      'finished_at = now()',
      'claimed_at = now()',
    ]) {
      expect((await refusal(change(id, set))).constraint).toBe('delivery_attempts_stay');
    }
  });

  test('may be given another time while it waits, up to its end', async () => {
    const id = await attemptIn('scheduled');
    await change(id, `scheduled_at = now() + interval '1 hour'`);
    expect((await refusal(change(id, `scheduled_at = give_up_at + interval '1 second'`))).constraint).toBe(
      'delivery_attempts_scheduled_before_give_up',
    );
  });

  test('may have its lease prolonged and not shortened while it is sent, by the one who claimed it', async () => {
    const id = await attemptIn('sending');
    await change(id, `lease_expires_at = lease_expires_at + interval '1 minute', provider_message_id = 'abc'`);
    for (const set of [`lease_expires_at = now()`, `claimed_by = 'another'`, `scheduled_at = now()`]) {
      expect((await refusal(change(id, set))).constraint).toBe('delivery_attempts_stay');
    }
  });

  test('is claimed with a name and a lease only', async () => {
    const id = await attemptIn('scheduled');
    expect((await refusal(change(id, `status = 'sending'`))).constraint).toBe('delivery_attempts_claim_whole');
  });

  test('fails and is given up with a reason only', async () => {
    const id = await attemptIn('sending');
    expect((await refusal(change(id, `status = 'failed'`))).constraint).toBe('delivery_attempts_error');
    expect((await refusal(change(id, `status = 'abandoned'`))).constraint).toBe('delivery_attempts_error');
  });

  test('has its times set by the database, whatever the application says', async () => {
    const id = await attempt(world);
    await change(id, `status = 'sending', claimed_by = 'me', lease_expires_at = now(), claimed_at = '2001-01-01'`);
    await change(id, `status = 'sent', sent_at = '2001-01-01', claimed_by = 'another'`);
    await change(id, `status = 'delivered', finished_at = '2001-01-01', sent_at = NULL`);
    const { claimed_by, claimed_at, sent_at, finished_at } = await read(id);
    expect(claimed_by).toBe('me');
    const times = [claimed_at, sent_at, finished_at] as Date[];
    expect(times.map((time) => time.getUTCFullYear() > 2001)).toEqual([true, true, true]);
    expect(times.toSorted((a, b) => a.valueOf() - b.valueOf())).toEqual(times);
  });

  test.each([
    'attempt_number = 2',
    'max_attempts = 50',
    `retry_delay = '1 day'`,
    `retry_delay_max = '7 days'`,
    `give_up_at = '2999-01-01'`,
    `created_at = '2001-01-01'`,
    `recipient_id = gen_random_uuid()`,
    `channel_id = gen_random_uuid()`,
    `policy_id = gen_random_uuid()`,
  ])('never changes what it is: %s', async (set) => {
    expect((await refusal(change(await attemptIn('scheduled'), set))).constraint).toBe(
      'delivery_attempts_identity_fixed',
    );
  });

  test('is not deleted by itself, and goes with its recipient', async () => {
    const recipientId = await recipient(world);
    const id = await attempt(world, { recipient_id: recipientId });
    const forget = world.query('DELETE FROM communication.delivery_attempts WHERE id = $1', [id]);
    expect((await refusal(forget)).constraint).toBe('delivery_attempts_refuse_delete');
    await world.query('DELETE FROM communication.message_recipients WHERE id = $1', [recipientId]);
    expect(await read(id)).toBeUndefined();
  });
});
