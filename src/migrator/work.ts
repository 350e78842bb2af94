/**
 * What every step of a migrator stands on: the session, who it works for, its limits and whom it tells. It does nothing by
 * itself.
 */
import type pg from 'pg';
import { type Cancellation, cancellable } from '../postgres/cancel.ts';
import type { Clock } from '../postgres/clock.ts';
import type { ConnectOptions, Session } from '../postgres/connect.ts';
import type { OnMigratorEvent } from './events.ts';
import type { LockPolicy } from './lock-policy.ts';
import type { Observe } from './observe.ts';

/** For whom and as what a ledger row is written. */
export interface Owner {
  /** `anna@workstation`, or which worker. */
  readonly appliedBy: string;
  /** The Temporal run; null for the plain command line. */
  readonly runId: string | null;
  /**
   * What several attempts have in common, such as the run and its step. Backends of earlier attempts are recognised by it
   * and ended. Left out: nobody's backend is ended.
   */
  readonly attemptOf?: string;
}

/** What to do with rows that a rollback would drop. */
export type DataLoss = 'save-rows' | 'drop-rows-unsaved';

/** What to do about a statement of which nothing in the database says whether an earlier attempt has done it. */
export type InDoubt = 'ask' | 'assume-done' | 'run-again';

export interface Work {
  readonly session: Session;
  /** How the session was opened, for a second connection beside it. */
  readonly connection: ConnectOptions;
  /** The schemas that the migrations own. */
  readonly schemas: readonly string[];
  readonly ledgerSchema: string;
  readonly owner: Owner;
  /** Token of the run's claim, asserted in every transaction; null for a plain migrator, which holds a lock instead. */
  readonly claimToken: string | null;
  readonly policy: LockPolicy;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly emit: OnMigratorEvent;
  readonly dataLoss: DataLoss;
  readonly observe: Observe;
  readonly inDoubt: InDoubt;
  /** Absolute. */
  readonly saveDirectory: string;
}

/** One result per statement where the text holds several. */
export type Results = pg.QueryResult | pg.QueryResult[];

/** Sends a text of one or more statements; an abort cancels it in the server. Errors: the driver's own, `interrupted`. */
export function send(work: Work, text: string): Promise<Results> {
  return cancellable(
    work.session.client,
    cancellation(work),
    () => work.session.client.query(text) as Promise<Results>,
  );
}

/** Counts the statements that the server completes, so that one that fails without a position can be named. */
export function countCompleted(client: pg.Client): { count(): number; stop(): void } {
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  let completed = 0;
  const onComplete = () => {
    completed += 1;
  };
  connection.on('commandComplete', onComplete);
  return {
    count: () => completed,
    stop: () => connection.off('commandComplete', onComplete),
  };
}

/** Where in a text of several transactions the server is. */
export interface Progress {
  /** Transactions that it has committed. */
  readonly commits: number;
  /** Statements of the next one that it has completed. */
  readonly statements: number;
}

/** As `countCompleted`, for a text of several transactions. */
export function countTransactions(client: pg.Client): { progress(): Progress; stop(): void } {
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  let now: Progress = { commits: 0, statements: 0 };
  const onComplete = ({ text }: { readonly text: string }) => {
    const { commits, statements } = now;
    now = text === 'COMMIT' ? { commits: commits + 1, statements: 0 } : { commits, statements: statements + 1 };
  };
  connection.on('commandComplete', onComplete);
  return {
    progress: () => now,
    stop: () => connection.off('commandComplete', onComplete),
  };
}

/** The rows of one statement, with parameters; otherwise as `send`. */
export async function rowsOf<Row extends pg.QueryResultRow>(
  work: Work,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const { client } = work.session;
  const result = await cancellable(client, cancellation(work), () => client.query<Row>(text, [...values]));
  return result.rows;
}

function cancellation({ session, connection, signal }: Work): Cancellation {
  return { connection, pid: session.pid, ...(signal ? { signal } : {}) };
}
