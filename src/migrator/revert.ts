/**
 * Reverts one migration by its mirror, or clears what an unfinished one left. Rows that would be lost are saved first, in the
 * same transaction. Whoever calls holds the lock and has read the ledger.
 */

import { runLoneTolerantly, runStrictly, runTolerantly } from './down-statements.ts';
import type { MigrationRef } from './events.ts';
import type { MirroredMigration } from './files.ts';
import { type LossContext, runGuarded } from './guarded-transaction.ts';
import { indexState } from './index-state.ts';
import { deleteRowSql, type LedgerRow, undoStartedSql } from './ledger.ts';
import { dropLedgerSchemaSql, dropLedgerSql } from './ledger-table.ts';
import { dropDebris, runLone } from './lone-statement.ts';
import { fullName } from './plan-problems.ts';
import { CLEAN_SESSION } from './script.ts';
import type { AnalysedFile, Part } from './statements.ts';
import { runStep } from './step-transaction.ts';
import { send, type Work } from './work.ts';

export interface Reversal {
  readonly file: MirroredMigration;
  readonly up: AnalysedFile | null;
  readonly down: AnalysedFile;
  readonly row: LedgerRow;
  /** No other row is left: the ledger goes with it. */
  readonly position: 'last' | 'not-last';
}

export interface Reverted {
  /** `cleared`: it was unfinished. */
  readonly outcome: 'reverted' | 'cleared';
  readonly durationMs: number;
  /** Directories with the rows that were saved. */
  readonly saved: readonly string[];
}

/** Errors: a ProblemError with the place in the file; `lock-timeout`, `claim-lost`, `rows-not-saved`, `interrupted`. */
export async function revertMigration(work: Work, reversal: Reversal): Promise<Reverted> {
  const startedAtMs = work.clock.nowMs();
  const { file, row, down } = reversal;
  const migration: MigrationRef = { version: file.version, name: file.name };
  const of = row.finishedAt === null ? 'unfinished' : 'applied';
  work.emit({ kind: 'rollback-started', migration, of });
  const loss: LossContext = { migration, doing: `rolling back ${fullName(file)}`, saved: [] };
  const parts = partsOf(down);
  await send(work, CLEAN_SESSION);
  // Undoing in several parts may be cut off between two of them; from its mark on, whoever comes next clears the rest.
  const several = parts.length > 1 || parts[0]!.kind === 'alone';
  if (of === 'applied' && several) {
    await runStep(work, { ...step(reversal), after: [undoStartedSql(work.ledgerSchema, file.version)] });
  }
  for (const [index, part] of parts.entries()) {
    const bookkeeping = index === lastTransaction(parts) ? closing(work, reversal) : { before: [], after: [] };
    await revertPart(work, reversal, { part, of, loss, ...bookkeeping });
  }
  if (lastTransaction(parts) === -1) await forgetRow(work, reversal);
  if (of === 'unfinished') await clearDebris(work, reversal);
  const durationMs = Math.round(work.clock.nowMs() - startedAtMs);
  work.emit({ kind: 'migration-reverted', migration, of, durationMs });
  return { outcome: of === 'applied' ? 'reverted' : 'cleared', durationMs, saved: loss.saved };
}

interface PartReversal {
  readonly part: Part;
  readonly of: 'applied' | 'unfinished';
  readonly loss: LossContext;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

async function revertPart(work: Work, reversal: Reversal, { part, of, loss, before, after }: PartReversal) {
  const { doing } = loss;
  const file = reversal.file.down;
  if (part.kind === 'alone') {
    if (of === 'unfinished') return runLoneTolerantly(work, { doing, file, statement: part.statement });
    return runLone(work, { doing, file, statement: part.statement, work: part.work, attempt: 'first' });
  }
  const { statements } = part;
  const run = of === 'unfinished' ? runTolerantly : runStrictly;
  return runGuarded(work, { doing, file, statements, before, after, run }, loss);
}

/** The ledger goes before the mirror's statements, which may drop its schema. */
function closing(work: Work, { file, position }: Reversal): { before: readonly string[]; after: readonly string[] } {
  if (position === 'not-last') return { before: [], after: [deleteRowSql(work.ledgerSchema, file.version)] };
  return { before: [dropLedgerSql(work.ledgerSchema)], after: [dropLedgerSchemaSql(work.ledgerSchema)] };
}

async function forgetRow(work: Work, reversal: Reversal): Promise<void> {
  const { before, after } = closing(work, reversal);
  await runStep(work, { ...step(reversal), after: [...before, ...after] });
}

function step({ file }: Reversal) {
  return { doing: `rolling back ${fullName(file)}`, file: file.down, statements: [] };
}

/** INVALID indexes of the up file that its mirror did not take along. */
async function clearDebris(work: Work, { up, file }: Reversal): Promise<void> {
  for (const part of up?.parts ?? []) {
    if (part.kind !== 'alone' || part.work.kind !== 'create-index') continue;
    const state = await indexState(work.session.client, part.work.table, part.work.index);
    if (state.kind === 'invalid') await dropDebris(work, `clearing ${fullName(file)}`, state.name);
  }
}

function partsOf(down: AnalysedFile): readonly Part[] {
  return down.parts.length > 0 ? down.parts : [{ kind: 'transaction', statements: [] }];
}

function lastTransaction(parts: readonly Part[]): number {
  return parts.findLastIndex((part) => part.kind === 'transaction');
}
