/**
 * Short transactions on the tables of the hold: they write even where sessions have been made read-only, and one that creates or
 * takes keeps others out meanwhile.
 */
import type pg from 'pg';
import { withSession } from '../../checks/session.ts';
import { HOLD_LOCK_KEY, tryLock } from '../../postgres/advisory-lock.ts';
import { beginWriting } from '../../postgres/begin-writing.ts';
import { type Clock, systemClock } from '../../postgres/clock.ts';
import { beingLetGo } from './hold-problems.ts';
import { HOLDS } from './holds-table.ts';

/** A session of its own, for one piece of work. */
export function withHoldSession<T>(
  at: { readonly url: string; readonly signal?: AbortSignal },
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return withSession(at, 'hold', ({ client }) => work(client));
}

/** The client must not be in a transaction. Error: `database-is-replica`; those of `work`. */
export async function inWritingTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await beginWriting(client);
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

const TRIES = 50;
const PAUSE_MS = 100;

/** The same, alone: whoever takes or lets go is waited for, 5 s. Error: `hold-being-let-go`. */
export function aloneAtHold<T>(client: pg.Client, work: () => Promise<T>, clock: Clock = systemClock): Promise<T> {
  return inWritingTransaction(client, async () => {
    for (let tries = 1; !(await tryLock(client, HOLD_LOCK_KEY, 'exclusive in transaction')); tries += 1) {
      if (tries >= TRIES) throw beingLetGo();
      await clock.pause(PAUSE_MS);
    }
    return work();
  });
}

/** Whether anything was ever held here. */
export async function holdsExist(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [HOLDS]);
  return rows[0]?.there ?? false;
}
