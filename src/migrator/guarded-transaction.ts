/**
 * The transaction in which a mirror runs: first a rehearsal in a savepoint that shows which tables it would drop, then their
 * rows are locked against writers, counted and saved, and only then it is run for good. It does not know how rows are saved.
 */

import type { Observed } from '../model/observed.ts';
import type { DownStatements, Pass, RunStatements } from './down-statements.ts';
import type { MigrationRef, SavedTable } from './events.ts';
import { LEDGER_TABLE } from './ledger-table.ts';
import { withLockRetries } from './lock-retries.ts';
import { type CountedLoss, countRows, lockAgainstWriters, tablesNamed } from './lost-rows.ts';
import { type LostTable, lostTables, SNAPSHOT_MARK, SNAPSHOT_SQL, type TableSnapshot } from './lost-tables.ts';
import { beginObservingSql, endObservingSql, observedIn } from './observe.ts';
import { markNotDropped } from './save-directory.ts';
import type { RowsToSave } from './save-rows.ts';
import { asProblem, beginningOf, rollback } from './step-transaction.ts';
import { type Results, send, type Work } from './work.ts';

export interface GuardedTransaction extends DownStatements {
  /** Our own SQL before and after the file's statements. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly run: RunStatements;
}

/** `saved` collects the directories that rows were written to. */
export interface LossContext {
  readonly migration: MigrationRef;
  readonly doing: string;
  readonly saved: string[];
}

/**
 * What was observed, where the work asks for it. Errors: a ProblemError with the place in the file; `lock-timeout`,
 * `claim-lost`, `rows-not-saved`, `interrupted`.
 */
export async function runGuarded(
  work: Work,
  transaction: GuardedTransaction,
  loss: LossContext,
): Promise<Observed | null> {
  const { doing } = transaction;
  const alreadySaved = loss.saved.length;
  try {
    return await withLockRetries(work, {
      doing,
      attempt: () => attemptOnce(work, transaction, loss),
      takeBack: () => rollback(work),
    });
  } catch (error) {
    await rollback(work);
    const problem = asProblem(error, { doing });
    // A connection lost at the commit leaves open whether it was done.
    if (problem.problem.code !== 'connection-lost') await keptAfterAll(loss, alreadySaved);
    throw problem;
  }
}

/** What this transaction saved is in the database still. */
async function keptAfterAll({ saved }: LossContext, alreadySaved: number): Promise<void> {
  for (const directory of saved.splice(alreadySaved)) await markNotDropped(directory);
}

async function attemptOnce(work: Work, transaction: GuardedTransaction, loss: LossContext): Promise<Observed | null> {
  const observing = work.observe === 'yes';
  await send(work, ['begin;', ...beginningOf(work), ...(observing ? [beginObservingSql()] : [])].join('\n'));
  const lost = await lostBy(work, transaction);
  await lockAgainstWriters(work, lost);
  const tables = await countRows(work, lost);
  if (tables.length === 0) await runPass(work, transaction, 'real');
  else await runAfterSaving(work, transaction, { tables, loss });
  const ending = observing ? [endObservingSql(work.ledgerSchema)] : [];
  return observedIn(await send(work, [...ending, ...transaction.after, 'commit;'].join('\n')));
}

/** Released too, because no snapshot can be exported from inside a savepoint. */
export const END_REHEARSAL = 'rollback to savepoint drydock_rehearsal; release savepoint drydock_rehearsal;';

/** What the mirror makes disappear, found by running it and taking that back. Inside a transaction. */
export async function lostBy(work: Work, transaction: GuardedTransaction): Promise<LostTable[]> {
  const before = snapshotIn(await send(work, `${SNAPSHOT_SQL} savepoint drydock_rehearsal;`));
  // Names are looked up before the mirror may have changed what they stand for.
  const emptied = await tablesNamed(
    work,
    transaction.statements.flatMap((statement) => statement.empties),
  );
  await runPass(work, transaction, 'rehearsal');
  const after = snapshotIn(await send(work, `${SNAPSHOT_SQL} ${END_REHEARSAL}`));
  const gone = lostTables(before, after, { schema: work.ledgerSchema, name: LEDGER_TABLE });
  const known = new Set(gone.map((table) => table.oid));
  return [...gone, ...emptied.filter((table) => !known.has(table.oid))];
}

/** Rows that are saved are not saved again: a lock timeout from here on goes back to the savepoint only. */
async function runAfterSaving(
  work: Work,
  transaction: GuardedTransaction,
  { tables, loss }: { readonly tables: readonly CountedLoss[]; readonly loss: LossContext },
): Promise<void> {
  await tellAndSave(work, { tables, loss, lostBy: 'transaction' });
  await send(work, 'savepoint drydock_saved');
  await withLockRetries(work, {
    doing: transaction.doing,
    attempt: () => runPass(work, transaction, 'real'),
    takeBack: async () => void (await send(work, 'rollback to savepoint drydock_saved')),
  });
}

export interface LossToSave extends Pick<RowsToSave, 'lostBy'> {
  readonly tables: readonly CountedLoss[];
  readonly loss: LossContext;
}

/** Unless they are to be dropped unsaved. Errors: `rows-not-saved`, `interrupted`. */
export async function tellAndSave(work: Work, { tables, loss, lostBy: by }: LossToSave): Promise<void> {
  const counts = tables.map(countOf);
  work.emit({ kind: 'rows-at-stake', migration: loss.migration, tables: counts });
  if (work.dataLoss === 'drop-rows-unsaved') return work.emit({ kind: 'rows-not-saved', tables: counts });
  // It brings all that writes files and starts programs along: most calls lose no row.
  const { saveRows } = await import('./save-rows.ts');
  const { directory, method, restore } = await saveRows(work, { tables, migration: loss.migration, lostBy: by });
  loss.saved.push(directory);
  work.emit({ kind: 'rows-saved', directory, method, restore, tables: counts });
}

/** What is told of a loss. */
export function countOf({ table, rows, columns }: CountedLoss): SavedTable {
  return { table, rows, ...(columns ? { columns } : {}) };
}

/** Runs the mirror. Inside a transaction. */
export async function runPass(work: Work, transaction: GuardedTransaction, pass: Pass): Promise<void> {
  // Counting has switched row security off for itself.
  await send(work, ['reset row_security;', ...transaction.before].join('\n'));
  await transaction.run(work, transaction, pass);
  // The file may have taken another role; what follows is done as who we are.
  await send(work, 'reset session authorization');
}

function snapshotIn(results: Results): readonly TableSnapshot[] {
  const all = Array.isArray(results) ? results : [results];
  const snapshot = all.find((result) => result.fields[0]?.name === SNAPSHOT_MARK);
  return (snapshot?.rows[0]?.[SNAPSHOT_MARK] ?? []) as readonly TableSnapshot[];
}
