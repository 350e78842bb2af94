/**
 * One look after the other at the lease in the database, over one session that is opened again when it is lost. It tells how long the
 * lease still runs: by the database's clock, and where that cannot be asked by its own, from the last end that it saw.
 */
import type pg from 'pg';
import type { HeldThing } from '../drain/held-thing.ts';
import type { HoldOwner } from '../drain/hold.ts';
import { isSameRun, type LeaseRow, readLease } from '../drain/lease/lease.ts';
import { allThings } from '../drain/lease/notes.ts';
import type { Clock } from '../postgres/clock.ts';
import { connect, type Session } from '../postgres/connect.ts';

export type LeaseLook =
  /** `remainingMs`: 0 or less where it has run out. */
  | { readonly kind: 'held'; readonly row: LeaseRow; readonly remainingMs: number }
  /** Somebody has begun to let go, and may have died at it. */
  | { readonly kind: 'letting-go'; readonly row: LeaseRow }
  /** Ended, or a later run's: nothing is left to do here. */
  | { readonly kind: 'over'; readonly because: string }
  /** The database is from before this hold: after a failover to a replica that had not got it, or a restore. */
  | { readonly kind: 'gone-back'; readonly because: string }
  /** The database does not answer. `remainingMs` by this machine's clock. */
  | { readonly kind: 'blind'; readonly remainingMs: number; readonly error: unknown };

export interface LeaseWatch {
  look(): Promise<LeaseLook>;
  /** What was noted at the last look that succeeded. */
  things(): readonly HeldThing[];
  /** The session; opened where it is not. Errors: those of connecting. */
  client(): Promise<pg.Client>;
  /** Whatever is asked of it next begins with a new session. */
  drop(): Promise<void>;
}

const ANSWER_WITHIN_MS = 5_000;

export interface WatchOptions {
  readonly url: string;
  readonly owner: HoldOwner;
  readonly clock: Clock;
  /** What to go by until the first look. */
  readonly leaseMs: number;
}

export function watchLease({ url, owner, clock, leaseMs }: WatchOptions): LeaseWatch {
  let session: Session | undefined;
  let things: readonly HeldThing[] = [];
  let endsAtMs = clock.nowMs() + leaseMs;
  const drop = async (): Promise<void> => {
    const lost = session;
    session = undefined;
    await lost?.close();
  };
  const client = async (): Promise<pg.Client> => {
    session ??= await connect({
      url,
      applicationName: `drydock:guard:${owner.workflowId}`,
      purpose: 'check',
      connectTimeoutMs: ANSWER_WITHIN_MS,
    });
    return session.client;
  };
  const ask = async (): Promise<LeaseLook> => {
    const asked = await client();
    const row = await readLease(asked);
    if (!row) return { kind: 'gone-back', because: 'no hold is there' };
    if (!isSameRun(row, owner)) {
      const isLater = BigInt(row.token) >= BigInt(owner.token);
      return { kind: isLater ? 'over' : 'gone-back', because: `${row.workflowId} holds now` };
    }
    if (row.state === 'ended') return { kind: 'over', because: `let go by ${row.letGoBy}` };
    things = await allThings(asked);
    if (row.state === 'letting-go') return { kind: 'letting-go', row };
    endsAtMs = clock.nowMs() + row.remainingMs;
    return { kind: 'held', row, remainingMs: row.remainingMs };
  };
  return {
    things: () => things,
    client,
    drop,
    look: async () => {
      try {
        return await inTime(ask());
      } catch (error) {
        // Not waited for: what does not answer does not say goodbye either.
        void drop();
        return { kind: 'blind', remainingMs: endsAtMs - clock.nowMs(), error };
      }
    },
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
