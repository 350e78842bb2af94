/**
 * A block of a mirror that commits by itself: no transaction of ours can hold it. What it would lose is found by trying it without
 * its commits; its rows are saved, and on the disk, before the block itself is begun. What cannot be known is refused.
 */
import { ProblemError } from '../model/problem.ts';
import { classifyError, driverErrorOf } from '../postgres/sqlstate.ts';
import { isOwnCommit } from './commits-itself.ts';
import { runStrictly } from './down-statements.ts';
import type { MigrationRef } from './events.ts';
import {
  END_REHEARSAL,
  type GuardedTransaction,
  type LossContext,
  lostBy,
  tellAndSave,
} from './guarded-transaction.ts';
import { withLockRetries } from './lock-retries.ts';
import { countRows, lockAgainstWriters } from './lost-rows.ts';
import type { LostTable } from './lost-tables.ts';
import { fullName } from './plan-problems.ts';
import { whereIs } from './sql-statement.ts';
import { asProblem, beginningOf, rollback } from './step-transaction.ts';
import { send, type Work } from './work.ts';

/**
 * Nothing is changed, and nothing is locked when it resolves: rows that others write from then on are not among those saved.
 * Errors: `loss-unknown`, unless the work drops rows unsaved; `lock-timeout`, `claim-lost`, `rows-hidden`, `rows-not-saved`, `interrupted`.
 */
export async function saveBeforeBlock(work: Work, block: GuardedTransaction, loss: LossContext): Promise<void> {
  const { doing } = loss;
  try {
    await withLockRetries(work, {
      doing,
      attempt: () => saveOnce(work, block, loss),
      takeBack: () => rollback(work),
    });
  } catch (error) {
    const problem = asProblem(error, { doing });
    if (problem.problem.code === 'loss-unknown' && work.dataLoss === 'drop-rows-unsaved') {
      return work.emit({ kind: 'loss-not-counted', line: block.statements[0]!.line });
    }
    throw problem;
  } finally {
    await rollback(work);
  }
}

async function saveOnce(work: Work, block: GuardedTransaction, loss: LossContext): Promise<void> {
  await send(work, ['begin;', ...beginningOf(work)].join('\n'));
  const { lost } = await lostByBlock(work, block, loss.migration);
  await lockAgainstWriters(work, lost);
  const tables = await countRows(work, lost);
  if (tables.length > 0) await tellAndSave(work, { tables, loss, lostBy: 'block' });
}

export interface LostByBlock {
  readonly lost: readonly LostTable[];
  /** The block without its commits. */
  readonly quiet: GuardedTransaction;
}

/** Inside a transaction, which is usable afterwards. Errors: `loss-unknown`; those that a later try may not meet. */
export async function lostByBlock(
  work: Work,
  block: GuardedTransaction,
  migration: MigrationRef,
): Promise<LostByBlock> {
  // Loaded here because it brings the parser along.
  const { withoutCommits } = await import('./without-commits.ts');
  const without = await withoutCommits(work, block);
  if (!without) {
    throw lossUnknown(block, migration, 'a block that commits by itself, in a language that cannot be read');
  }
  // Past an error that is tolerated, the try would be taken back whole, where the block has committed half of it.
  const quiet = { ...without, run: runStrictly };
  try {
    return { lost: await lostBy(work, quiet), quiet };
  } catch (error) {
    if (classifyError(driverErrorOf(error)).retry !== 'stop' || work.signal?.aborted) throw error;
    await send(work, END_REHEARSAL);
    throw lossUnknown(
      block,
      migration,
      `a block that commits by itself; tried without its commits: ${reasonOf(error)}`,
    );
  }
}

function reasonOf(error: unknown): string {
  if (isOwnCommit(error)) return 'something that it calls commits too';
  const cause = driverErrorOf(error);
  return cause instanceof Error ? cause.message : String(cause);
}

function lossUnknown({ file, statements }: GuardedTransaction, migration: MigrationRef, why: string): ProblemError {
  const [statement] = statements;
  return new ProblemError({
    code: 'loss-unknown',
    message: `what the rollback of ${fullName(migration)} would lose cannot be known beforehand, so nothing was dropped`,
    found: [why, ...(statement ? [whereIs(file, statement)] : [])].join('\n'),
    expected: 'a block that can be tried in a transaction, so that the rows it drops can be saved first',
    next: 'save by hand what it drops, then run `rollback --allow-data-loss`',
  });
}
