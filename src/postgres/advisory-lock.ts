/**
 * Session locks that keep migrators apart: which keys, how they are tried, who holds them. They are only ever tried, never
 * waited for inside the database: a blocking wait is a transaction that CREATE INDEX CONCURRENTLY would wait for in turn.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { LockHolder } from '../model/backend.ts';
import { BACKEND_COLUMNS } from './backend.ts';

export type { LockHolder } from '../model/backend.ts';

/** A two-key advisory lock; it counts within one database. Both are positive int4, so pg_locks shows them as they are. */
export interface LockKey {
  readonly classId: number;
  readonly objectId: number;
}

/** `DRYM` and `DRYC` as bytes. */
const MIGRATOR_CLASS = 0x4452594d;
const CLAIM_CLASS = 0x44525943;

/** One migrator at a time per ledger. */
export function migratorLockKey(ledgerSchema: string): LockKey {
  const digest = createHash('sha256').update(ledgerSchema).digest();
  return { classId: MIGRATOR_CLASS, objectId: digest.readUInt32BE(0) & 0x7fff_ffff };
}

/** One per database: plain migrators hold it shared, a run takes it exclusively while it writes its claim. */
export const CLAIM_LOCK_KEY: LockKey = { classId: CLAIM_CLASS, objectId: 1 };

/** One per database: held by whoever takes a hold, and by whoever lets go of what is held, until it is done. */
export const HOLD_LOCK_KEY: LockKey = { classId: CLAIM_CLASS, objectId: 2 };

/** `transaction` locks end with the transaction, the others with the session or an unlock. */
export type LockMode = 'exclusive' | 'shared' | 'exclusive in transaction';

const TRY_FUNCTION: Readonly<Record<LockMode, string>> = {
  exclusive: 'pg_try_advisory_lock',
  shared: 'pg_try_advisory_lock_shared',
  'exclusive in transaction': 'pg_try_advisory_xact_lock',
};

/** True where the lock is ours now. */
export async function tryLock(client: pg.Client, key: LockKey, mode: LockMode): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(`select ${TRY_FUNCTION[mode]}($1, $2) as taken`, keyOf(key));
  return rows[0]!.taken;
}

/** Gives session locks back, `shared` in addition to the first; harmless where they were not held. */
export async function unlock(
  client: pg.Client,
  key: LockKey,
  mode: 'exclusive' | 'shared',
  ...shared: readonly LockKey[]
): Promise<void> {
  const call = (one: LockKey, how: 'exclusive' | 'shared') =>
    `${how === 'shared' ? 'pg_advisory_unlock_shared' : 'pg_advisory_unlock'}(${keyOf(one).join(', ')})`;
  await client.query(`select ${[call(key, mode), ...shared.map((one) => call(one, 'shared'))].join(', ')}`);
}

/** Everyone else who holds the lock. */
export async function lockHolders(client: pg.Client, key: LockKey): Promise<LockHolder[]> {
  const { rows } = await client.query<LockHolder>(
    `select l.pid, l.mode, ${BACKEND_COLUMNS},
            exists (select from pg_stat_progress_create_index p where p.pid = l.pid) as "buildsIndex",
            coalesce(a.backend_start < (select backend_start from pg_stat_activity where pid = pg_backend_pid()), false)
              as "isOlder"
       from pg_locks l left join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.objsubid = 2 and l.granted and l.pid <> pg_backend_pid()
        and l.database = (select oid from pg_database where datname = current_database())
        and l.classid = $1::bigint::oid and l.objid = $2::bigint::oid
      order by l.pid`,
    keyOf(key),
  );
  return rows;
}

const keyOf = (key: LockKey): number[] => [key.classId, key.objectId];
