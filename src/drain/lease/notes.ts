/** The notes of a hold, in the target database, beside its lease: written only by the one whose lease it is. */
import type pg from 'pg';
import type { HeldThing, HoldNotes } from '../held-thing.ts';
import type { HoldOwner } from '../hold.ts';
import { describeHold, holdLost } from './hold-problems.ts';
import { holdsExist, inWritingTransaction, withHoldSession } from './hold-session.ts';
import { HELD_THINGS, HOLDS, SELECT_THINGS } from './holds-table.ts';
import { readLease } from './lease.ts';

/** `url`: of the target. Each call connects for itself. */
export function holdNotes(url: string, owner: HoldOwner): HoldNotes {
  const { token } = owner;
  return {
    note: (thing) => withHoldSession({ url }, (client) => noteThing(client, token, thing)),
    noted: () => withHoldSession({ url }, (client) => notedThings(client, token)),
    forget: (thing) => withHoldSession({ url }, (client) => forgetThing(client, token, thing)),
  };
}

/** Committed when it answers. Error: `hold-lost` where the lease has run out, was let go, or is another's. */
export async function noteThing(client: pg.Client, token: string, thing: HeldThing): Promise<HeldThing> {
  if (!(await holdsExist(client))) throw holdLost('nothing was ever held here');
  return inWritingTransaction(client, async () => {
    // The lock keeps whoever wants to let go waiting, so that this note is among those that they then read.
    const { rows } = await client.query(
      `select from ${HOLDS} where token = $1 and let_go_at is null and expires_at > clock_timestamp() for share`,
      [token],
    );
    if (rows.length === 0) throw holdLost(await presentHold(client));
    const { kind, name, former } = thing;
    await client.query(
      `insert into ${HELD_THINGS} (kind, name, token, former) values ($1, $2, $3, $4::jsonb)
       on conflict on constraint held_things_pkey do nothing`,
      [kind, name, token, JSON.stringify(former ?? null)],
    );
    const noted = await client.query<HeldThing>(`${SELECT_THINGS} where kind = $1 and name = $2`, [kind, name]);
    return noted.rows[0]!;
  });
}

/** Of the hold with this token, in the order in which they were noted; none where the hold is another's by now. */
export async function notedThings(client: pg.ClientBase, token: string): Promise<readonly HeldThing[]> {
  if (!(await holdsExist(client))) return [];
  const { rows } = await client.query<HeldThing>(`${SELECT_THINGS} where token = $1 order by place`, [token]);
  return rows;
}

export async function forgetThing(
  client: pg.Client,
  token: string,
  { kind, name }: Pick<HeldThing, 'kind' | 'name'>,
): Promise<void> {
  if (!(await holdsExist(client))) return;
  await inWritingTransaction(client, async () => {
    await client.query(`delete from ${HELD_THINGS} where kind = $1 and name = $2 and token = $3`, [kind, name, token]);
  });
}

async function presentHold(client: pg.Client): Promise<string> {
  const row = await readLease(client);
  return row ? describeHold(row) : 'nothing is held';
}
