/**
 * The most frequent end of a migrator: it holds the lock, has read the ledger, and there is nothing pending. Told before
 * anything is loaded that would do something. It refuses nothing: whoever goes on from here looks at the problems.
 */
import type { MigrationFile } from './files.ts';
import { type Ledger, readLedger } from './ledger.ts';
import { planMigrations } from './plan.ts';
import type { Work } from './work.ts';

/**
 * Tells it, and gives null; the ledger where there is something to do, or something in the way. `ahead`: the ledger as read under
 * the lock before.
 */
export async function nothingToDo(
  work: Work,
  files: readonly MigrationFile[],
  ahead?: Promise<Ledger>,
): Promise<Ledger | null> {
  const ledger = await (ahead ?? readLedger(work.session.client, work.ledgerSchema));
  const { pending, problems } = planMigrations(files, ledger.rows, ledger.repeatables);
  if (pending.length > 0 || problems.length > 0) return ledger;
  work.emit({ kind: 'nothing-to-do', why: 'all-applied' });
  return null;
}
