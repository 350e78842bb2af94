/**
 * Goes back: one step, one named migration, or all of them and forward again. It decides by a ledger that was read under the
 * lock. An unfinished migration counts as the most recent step.
 */
import type { Observed } from '../model/observed.ts';
import { ProblemError } from '../model/problem.ts';
import type { CatalogAfter } from './drift/keep-catalog.ts';
import type { MigrationRef } from './events.ts';
import type { MigrationFile, MirroredMigration } from './files.ts';
import { type LedgerRow, readLedger } from './ledger.ts';
import { type ApplyOutcome, migrateAll, requireChecksum, requireFile } from './migrate.ts';
import { editedFiles } from './plan.ts';
import { editedProblem, fullName, missingFileProblem, requireMirror } from './plan-problems.ts';
import { type Reversal, revertMigration } from './revert.ts';
import { type AnalysedFile, analyseFile, type SqlFile } from './statements.ts';
import { sameVersion } from './version-order.ts';
import type { Work } from './work.ts';

export type RevertOutcome =
  | (MigrationRef & {
      /** `cleared`: it was unfinished. */
      readonly outcome: 'reverted' | 'cleared';
      readonly durationMs: number;
      /** Directories with the rows that were saved. */
      readonly saved: readonly string[];
      /** Locks and rewrites; null where the migrator was not asked to observe. */
      readonly observed: Observed | null;
    })
  /** Nothing is applied, or not the migration that was asked for. */
  | { readonly outcome: 'nothing' };

/** What undoing one migration is asked with. */
export interface UndoRequest {
  readonly version: string;
  /** sha256 hex, as planned. */
  readonly downChecksum: string;
}

export interface ResetOutcome {
  readonly reverted: readonly RevertOutcome[];
  readonly applied: readonly ApplyOutcome[];
}

/** The most recent step. Errors: `migration-file-missing`, `migration-edited`, and those of reverting. */
export async function rollBackOne(
  work: Work,
  files: readonly MigrationFile[],
  catalog: CatalogAfter = 'keep',
): Promise<RevertOutcome> {
  const { rows } = await readLedger(work.session.client, work.ledgerSchema);
  const row = rows.at(-1);
  if (!row) {
    work.emit({ kind: 'nothing-to-do', why: 'none-applied' });
    return { outcome: 'nothing' };
  }
  return revertRow(work, files, { row, position: rows.length === 1 ? 'last' : 'not-last', catalog });
}

/** Errors: `migration-unknown`, `migration-checksum-mismatch`, `migration-not-last`, and those of reverting. */
export async function undoRequested(
  work: Work,
  files: readonly MigrationFile[],
  request: UndoRequest,
  catalog: CatalogAfter = 'keep',
): Promise<RevertOutcome> {
  const file = requireFile(files, request.version);
  requireMirror(file);
  requireChecksum(file.down, request.downChecksum);
  const { rows } = await readLedger(work.session.client, work.ledgerSchema);
  const row = rows.find((one) => sameVersion(one.version, request.version));
  if (!row) return { outcome: 'nothing' };
  const last = rows.at(-1)!;
  if (last !== row) throw notLast(row, last);
  return revertRow(work, files, { row, position: rows.length === 1 ? 'last' : 'not-last', catalog });
}

/** Everything down, then everything up. What failed in between is in the ledger: the same command goes on from there. */
export async function resetAll(work: Work, files: readonly MigrationFile[]): Promise<ResetOutcome> {
  const { rows } = await readLedger(work.session.client, work.ledgerSchema);
  // Every mirror is looked at before the first one runs: half a reset is worse than none.
  for (const row of rows) await analyseFile(mirrorFor(files, row).down);
  const reverted: RevertOutcome[] = [];
  for (let left = rows.length; left > 0; left -= 1) reverted.push(await rollBackOne(work, files, 'leave'));
  return { reverted, applied: await migrateAll(work, files) };
}

async function revertRow(
  work: Work,
  files: readonly MigrationFile[],
  { row, position, catalog }: Pick<Reversal, 'row' | 'position' | 'catalog'>,
): Promise<RevertOutcome> {
  const file = mirrorFor(files, row);
  const unfinished = row.finishedAt === null;
  const up = unfinished ? await analyseIfReadable(file.up) : null;
  const reverted = await revertMigration(work, {
    file,
    up,
    down: await analyseFile(file.down),
    row,
    position,
    catalog,
  });
  return { version: file.version, name: file.name, ...reverted };
}

/** An unfinished migration may be edited, its files being what has to be mended; an applied one's mirror may not. */
export function mirrorFor(files: readonly MigrationFile[], row: LedgerRow): MirroredMigration {
  const file = files.find((one) => sameVersion(one.version, row.version));
  if (!file) throw new ProblemError(missingFileProblem(row));
  const edited = editedFiles(file, row).filter((direction) => direction === 'down');
  if (row.finishedAt !== null && edited.length > 0) throw new ProblemError(editedProblem(file, row, edited));
  requireMirror(file);
  return file;
}

/** The up file only tells which indexes to look for; one that is broken by now tells of none. */
async function analyseIfReadable(file: SqlFile): Promise<AnalysedFile | null> {
  return analyseFile(file).catch(() => null);
}

function notLast(row: LedgerRow, last: LedgerRow): ProblemError {
  return new ProblemError({
    code: 'migration-not-last',
    message: `${fullName(row)} cannot be undone while ${fullName(last)} is applied`,
    found: `${fullName(last)} was applied after it`,
    expected: 'migrations undone from the last to the first',
    next: `undo ${fullName(last)} first`,
  });
}
