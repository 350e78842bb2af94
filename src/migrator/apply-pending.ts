/** Applies one pending migration whose file has been read, or goes on with one that was cut off, in whichever direction. */
import type { Observed } from '../model/observed.ts';
import { applyMigration } from './apply.ts';
import type { CatalogAfter } from './drift/keep-catalog.ts';
import type { MigrationRef } from './events.ts';
import { type Ledger, readLedger } from './ledger.ts';
import type { PendingMigration } from './plan.ts';
import { requireMirror } from './plan-problems.ts';
import { revertMigration } from './revert.ts';
import { type AnalysedFile, analyseFile } from './statements.ts';
import type { Work } from './work.ts';

export interface ApplyOutcome extends MigrationRef {
  readonly outcome: 'applied' | 'already-applied' | 'resumed';
  readonly durationMs: number;
  /** Locks and rewrites; null where the migrator was not asked to observe, or an earlier attempt did some of it. */
  readonly observed: Observed | null;
}

export interface PendingStep {
  readonly pending: PendingMigration;
  readonly up: AnalysedFile;
  readonly state: Ledger['state'];
  readonly catalog: CatalogAfter;
  /** Throws what must not be committed. */
  readonly accept?: (observed: Observed | null) => void;
}

/** Errors: those of applying and reverting. */
export async function applyPending(work: Work, step: PendingStep): Promise<ApplyOutcome> {
  const { pending, up, state, catalog, accept } = step;
  const { file, row } = pending;
  const onTop = { catalog, ...(accept && { accept }) };
  const ref = { version: file.version, name: file.name };
  if (!row?.undoStartedAt)
    return { ...ref, ...(await applyMigration(work, { file, up, row, ledger: state, ...onTop })) };
  // Undoing it was cut off half-way: that is finished first, then it is applied from its beginning.
  const ledger = await readLedger(work.session.client, work.ledgerSchema);
  const position = ledger.rows.length === 1 ? 'last' : 'not-last';
  requireMirror(file);
  await revertMigration(work, { file, up, down: await analyseFile(file.down), row, position, catalog: 'leave' });
  const now = position === 'last' ? 'absent' : 'present';
  return { ...ref, ...(await applyMigration(work, { file, up, row: null, ledger: now, ...onTop })) };
}
