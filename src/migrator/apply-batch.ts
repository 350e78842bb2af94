/**
 * Applies several fresh migrations by one message: each in its own transaction with its own ledger row, the commits in their
 * order. Where it fails, what was committed is read from the ledger, and nothing is done twice.
 */
import type pg from 'pg';
import { classifyError } from '../postgres/sqlstate.ts';
import type { ApplyOutcome } from './apply-pending.ts';
import { failureIn } from './batch-failure.ts';
import { type Batch, type BatchMessage, batchMessage, type CommittedRow, committedSql } from './batch-message.ts';
import { type BatchProgress, followBatch } from './batch-progress.ts';
import { ledgerName } from './ledger-table.ts';
import { watchStatement } from './locks/statement-watch.ts';
import { asProblem, rollback } from './step-transaction.ts';
import { countTransactions, type Progress, send, type Work } from './work.ts';

/**
 * What was applied, in order: all of them, or those before one that somebody was in the way of; that one is then to be
 * applied by itself. Errors: as of applying each by itself.
 */
export async function applyBatch(work: Work, batch: Batch): Promise<readonly ApplyOutcome[]> {
  const message = batchMessage(work, batch);
  const counted = countTransactions(work.session.client);
  const progress = followBatch(work, message.files);
  const startedAtMs = work.clock.nowMs();
  const watch = watchStatement(work, 'applying migrations');
  const running = send(work, message.text);
  const looking = watch.during(running, 'when-long');
  let rows: readonly CommittedRow[];
  try {
    const results = (await running) as pg.QueryResult<CommittedRow>[];
    rows = results.at(-1)!.rows;
  } catch (error) {
    const failure = { error, reached: counted.progress(), progress, elapsedMs: work.clock.nowMs() - startedAtMs };
    await rollback(work);
    return await afterFailure(work, message, failure);
  } finally {
    counted.stop();
    await progress.stop();
    await looking;
    await watch.close();
  }
  return progress.tell(rows);
}

interface Failure {
  readonly error: unknown;
  readonly reached: Progress;
  readonly progress: BatchProgress;
  readonly elapsedMs: number;
}

async function afterFailure(
  work: Work,
  message: BatchMessage,
  { error, reached, progress, elapsedMs }: Failure,
): Promise<readonly ApplyOutcome[]> {
  const done = await committed(work, message).catch((lost: unknown) => {
    throw asProblem(connectionLost(error) ? error : lost, { doing: 'applying migrations' });
  });
  // Somebody else may have written rows of this name meanwhile: ours are as many as were committed.
  const outcomes = progress.tell(done, reached.commits);
  if (isPassing(work, error, elapsedMs)) return outcomes;
  throw await failureIn(message, { error, completed: reached.statements, applied: outcomes.length }, progress.begin);
}

/** What may be gone when it is tried again, with waits and with blockers named. */
function isPassing({ policy, signal }: Work, error: unknown, elapsedMs: number): boolean {
  if (signal?.aborted) return false;
  const { code } = classifyError(error);
  // By our own limit, which is not meant for every kind of statement; otherwise somebody wants it to end.
  if (code === 'statement-cancelled') return policy.statementTimeoutMs > 0 && elapsedMs >= policy.statementTimeoutMs;
  return code === 'lock-timeout' || code === 'deadlock' || code === 'serialization-failure';
}

function connectionLost(error: unknown): boolean {
  return classifyError(error).code === 'connection-lost';
}

/** The rows of those files that the ledger has. */
async function committed(work: Work, { files }: BatchMessage): Promise<readonly CommittedRow[]> {
  const { client } = work.session;
  const name = ledgerName(work.ledgerSchema);
  const { rows: there } = await client.query('select to_regclass($1) is not null as there', [name]);
  if (!there[0].there) return [];
  return (await client.query<CommittedRow>(committedSql(work.ledgerSchema, files))).rows;
}
