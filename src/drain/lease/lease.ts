/**
 * The lease of a hold: taken, renewed, stretched and ended, by the number of the claim it is held under. The database's clock
 * counts, and only that one. Whether the run behind it lives is not decided here.
 */
import type pg from 'pg';
import { ensureDrydockSchema } from '../../postgres/drydock-schema.ts';
import type { HoldOwner } from '../hold.ts';
import { describeHold, holdLost, holdTakenByOther } from './hold-problems.ts';
import { aloneAtHold, holdsExist, inWritingTransaction } from './hold-session.ts';
import { CREATE_HOLDS, HELD_THINGS, HOLDS, SELECT_HOLD } from './holds-table.ts';

/** Who lets go; `run`: the run that held, in its own time. */
export type LetGoBy = 'run' | 'guard' | 'worker' | 'command';

/** Which run holds, whatever its number is by now. */
export type RunIdentity = Pick<HoldOwner, 'workflowId' | 'runId'>;

export interface LeaseOwner extends HoldOwner {
  readonly namespace: string;
  readonly target: string;
}

/** The hold as it is in the database. Times are ISO 8601 in UTC. */
export interface LeaseRow extends LeaseOwner {
  readonly takenAt: string;
  readonly leaseMs: number;
  readonly expiresAt: string;
  /** By the database's clock; 0 or less where it has run out. */
  readonly remainingMs: number;
  /** The undo failed, and a person is waited for. */
  readonly keptForPerson: boolean;
  /** `letting-go`: somebody has begun to; whatever is still noted has not been put back yet. */
  readonly state: 'held' | 'letting-go' | 'ended';
  readonly letGoBy: LetGoBy | null;
}

/** The present hold, or the last one; null where there was none. Creates nothing. */
export async function readLease(client: pg.ClientBase): Promise<LeaseRow | null> {
  if (!(await holdsExist(client))) return null;
  const { rows } = await client.query<LeaseRow>(SELECT_HOLD);
  return rows[0] ?? null;
}

/**
 * Takes the lease, or renews it for the run that has it. What an earlier run left held is taken over with its notes: the same
 * workflow's at once, because only one of its runs can be open; another's when its lease has run out. `confirm` runs in the same
 * transaction, and what it throws is thrown.
 * Errors: `hold-lost` (a later one holds or held, or this run's lease ran out and was let go), `hold-taken-by-other`,
 * `hold-being-let-go`.
 */
export function takeLease(
  client: pg.Client,
  owner: LeaseOwner,
  leaseMs: number,
  confirm: (client: pg.Client) => Promise<void> = async () => undefined,
): Promise<LeaseRow> {
  return aloneAtHold(client, async () => {
    await confirm(client);
    await ensureDrydockSchema(client);
    await client.query(CREATE_HOLDS);
    const present = await lockedRow(client);
    if (present) refuseWhereNotOurs(present, owner);
    if (present && isSameRun(present, owner) && present.state === 'held') return renewed(client, owner, leaseMs);
    await client.query(`delete from ${HOLDS}`);
    await client.query(
      `insert into ${HOLDS} (token, workflow_id, run_id, namespace, target, lease_ms, expires_at)
       values ($1, $2, $3, $4, $5, $6::int, clock_timestamp() + $6::int * interval '1 ms')`,
      [owner.token, owner.workflowId, owner.runId, owner.namespace, owner.target, leaseMs],
    );
    return (await lockedRow(client))!;
  });
}

function refuseWhereNotOurs(present: LeaseRow, owner: LeaseOwner): void {
  if (BigInt(present.token) > BigInt(owner.token)) throw holdLost(describeHold(present));
  if (isSameRun(present, owner)) {
    // What was let go because nobody renewed it was open to traffic: this hold is not the one that it was.
    if (present.state !== 'held' && present.letGoBy !== 'run') throw holdLost(describeHold(present));
  } else if (present.token === owner.token) {
    throw holdLost(describeHold(present));
  } else if (present.state === 'held' && present.remainingMs > 0 && !isOfSameWorkflow(present, owner)) {
    throw holdTakenByOther(present);
  }
}

function isOfSameWorkflow(present: LeaseRow, { workflowId, namespace }: LeaseOwner): boolean {
  return present.workflowId === workflowId && present.namespace === namespace;
}

/** Whatever the number: a run gets a higher one before it undoes, and goes on holding. */
export function isSameRun(one: RunIdentity, other: RunIdentity): boolean {
  return one.workflowId === other.workflowId && one.runId === other.runId;
}

/** From now on for `leaseMs`; a hold that is kept for a person is not shortened. Error: `hold-lost`. */
export async function renewLease(client: pg.Client, run: RunIdentity, leaseMs: number): Promise<LeaseRow> {
  await requireTable(client);
  return inWritingTransaction(client, () => renewed(client, run, leaseMs));
}

function renewed(client: pg.Client, run: RunIdentity, leaseMs: number): Promise<LeaseRow> {
  return changed(client, run, {
    set: `lease_ms = $3::int, expires_at = greatest(clock_timestamp() + $3::int * interval '1 ms',
          case when kept_for_person then expires_at end)`,
    ms: leaseMs,
  });
}

/** Keeps what is held for a person, until `forMs` from now. Error: `hold-lost`, also where the lease is over: somebody may have let go unseen. */
export async function extendLease(client: pg.Client, run: RunIdentity, forMs: number): Promise<LeaseRow> {
  await requireTable(client);
  return inWritingTransaction(client, () =>
    changed(client, run, {
      set: `kept_for_person = true, expires_at = clock_timestamp() + $3::float8 * interval '1 ms'`,
      ms: forMs,
      where: 'expires_at > clock_timestamp()',
    }),
  );
}

async function changed(
  client: pg.Client,
  { workflowId, runId }: RunIdentity,
  { set, ms, where = 'true' }: { readonly set: string; readonly ms: number; readonly where?: string },
): Promise<LeaseRow> {
  const { rowCount } = await client.query(
    `update ${HOLDS} set ${set} where workflow_id = $1 and run_id = $2 and let_go_at is null and ${where}`,
    [workflowId, runId, ms],
  );
  const row = await readLease(client);
  if (rowCount !== 1 || !row) throw holdLost(row ? describeHold(row) : NEVER);
  return row;
}

/** This run's, not let go and not run out. Error: `hold-lost`. */
export async function requireLease(client: pg.Client, run: RunIdentity): Promise<LeaseRow> {
  const row = await readLease(client);
  if (row && isSameRun(row, run) && row.state === 'held' && row.remainingMs > 0) return row;
  throw holdLost(row ? describeHold(row) : NEVER);
}

/** Ends the lease where nothing is noted any more; `still-held` where something is, `not-ours` where it is another run's. */
export async function endLease(
  client: pg.Client,
  run: RunIdentity,
  by: LetGoBy,
): Promise<'ended' | 'still-held' | 'not-ours'> {
  if (!(await holdsExist(client))) return 'not-ours';
  return inWritingTransaction(client, async () => {
    const row = await lockedRow(client);
    if (!row || !isSameRun(row, run)) return 'not-ours';
    const { rows } = await client.query(`select from ${HELD_THINGS} limit 1`);
    if (rows.length > 0) return 'still-held';
    await client.query(
      `update ${HOLDS} set ended_at = coalesce(ended_at, clock_timestamp()),
              let_go_at = coalesce(let_go_at, clock_timestamp()), let_go_by = coalesce(let_go_by, $1)`,
      [by],
    );
    return 'ended';
  });
}

/** When what is held may be let go by somebody else than the run; `run-is-over`: unless it waits for a person. */
export type LetGoWhen = 'lease-ran-out' | 'run-is-over' | 'at-once';

/** Marks that somebody lets go: from then on no renewal and no note succeeds. `not-due`: renewed meanwhile. */
export async function beginLettingGo(
  client: pg.Client,
  run: RunIdentity,
  { by, when }: { readonly by: LetGoBy; readonly when: LetGoWhen },
): Promise<'begun' | 'not-due' | 'not-ours'> {
  if (!(await holdsExist(client))) return 'not-ours';
  return inWritingTransaction(client, async () => {
    const row = await lockedRow(client);
    if (!row || !isSameRun(row, run)) return 'not-ours';
    if (row.state !== 'held') return 'begun';
    const isKept = when === 'lease-ran-out' || (when === 'run-is-over' && row.keptForPerson);
    if (isKept && row.remainingMs > 0) return 'not-due';
    await client.query(`update ${HOLDS} set let_go_at = clock_timestamp(), let_go_by = $1`, [by]);
    return 'begun';
  });
}

const NEVER = 'nothing was ever held here';

async function requireTable(client: pg.Client): Promise<void> {
  if (!(await holdsExist(client))) throw holdLost(NEVER);
}

async function lockedRow(client: pg.Client): Promise<LeaseRow | null> {
  const { rows } = await client.query<LeaseRow>(`${SELECT_HOLD} for update`);
  return rows[0] ?? null;
}
