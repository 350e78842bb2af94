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
  return {
    note: (thing) => withHoldSession({ url }, (client) => noteThing(client, owner, thing)),
    noted: () => withHoldSession({ url }, (client) => notedThings(client, owner)),
    forget: (thing) => withHoldSession({ url }, (client) => forgetThing(client, owner, thing)),
  };
}

/** A lower number than the hold's belongs to something of the run that is over; a higher one is the run's new one. */
const OURS = 'workflow_id = $1 and run_id = $2 and token <= $3::bigint';

const ownerOf = ({ workflowId, runId, token }: HoldOwner): string[] => [workflowId, runId, token];

/** Committed when it answers. Error: `hold-lost` where the lease has run out, was let go, or is another's. */
export async function noteThing(client: pg.Client, owner: HoldOwner, thing: HeldThing): Promise<HeldThing> {
  if (!(await holdsExist(client))) throw holdLost('nothing was ever held here');
  return inWritingTransaction(client, async () => {
    // Whoever wants to let go waits for this row, so that this note is among those that they then read.
    const { rowCount } = await client.query(
      `update ${HOLDS} set token = $3::bigint where ${OURS} and let_go_at is null and expires_at > clock_timestamp()`,
      ownerOf(owner),
    );
    if (rowCount !== 1) throw holdLost(await presentHold(client));
    const { kind, name, former } = thing;
    await client.query(
      `insert into ${HELD_THINGS} (kind, name, former) values ($1, $2, $3::jsonb)
       on conflict on constraint held_things_pkey do nothing`,
      [kind, name, JSON.stringify(former ?? null)],
    );
    const noted = await client.query<HeldThing>(`${SELECT_THINGS} where kind = $1 and name = $2`, [kind, name]);
    return noted.rows[0]!;
  });
}

/** In the order in which they were noted; none where the hold is another's by now. */
export async function notedThings(client: pg.ClientBase, owner: HoldOwner): Promise<readonly HeldThing[]> {
  if (!(await holdsExist(client))) return [];
  const { rows } = await client.query<HeldThing>(
    `${SELECT_THINGS} where exists (select from ${HOLDS} where ${OURS}) order by place`,
    ownerOf(owner),
  );
  return rows;
}

/** Whoever the hold belongs to. */
export async function allThings(client: pg.ClientBase): Promise<readonly HeldThing[]> {
  if (!(await holdsExist(client))) return [];
  const { rows } = await client.query<HeldThing>(`${SELECT_THINGS} order by place`);
  return rows;
}

export async function forgetThing(
  client: pg.Client,
  owner: HoldOwner,
  { kind, name }: Pick<HeldThing, 'kind' | 'name'>,
): Promise<void> {
  if (!(await holdsExist(client))) return;
  await inWritingTransaction(client, async () => {
    // With the hold's row locked: a later hold that takes over what is noted does so before or after this.
    await client.query(`update ${HOLDS} set token = $3::bigint where ${OURS}`, ownerOf(owner));
    await client.query(
      `delete from ${HELD_THINGS} where kind = $4 and name = $5 and exists (select from ${HOLDS} where ${OURS})`,
      [...ownerOf(owner), kind, name],
    );
  });
}

/** Whether any hold has noted it. */
export function isNoted(url: string, { kind, name }: Pick<HeldThing, 'kind' | 'name'>): Promise<boolean> {
  return withHoldSession({ url }, async (client) =>
    (await allThings(client)).some((one) => one.kind === kind && one.name === name),
  );
}

async function presentHold(client: pg.Client): Promise<string> {
  const row = await readLease(client);
  return row ? describeHold(row) : 'nothing is held';
}
