/**
 * Reverts one migration by its mirror, or clears what an unfinished one left. Rows that would be lost are saved first: in the
 * same transaction, or before a block that ends it. Whoever calls holds the lock and has read the ledger.
 */

import type { Observed } from '../model/observed.ts';
import { unlessCommitsItself } from './commits-itself.ts';
import { runLoneTolerantly, runStrictly, runTolerantly } from './down-statements.ts';
import { type CatalogAfter, keepCatalogSql } from './drift/keep-catalog.ts';
import type { MigrationRef } from './events.ts';
import type { MirroredMigration } from './files.ts';
import { saveBeforeBlock } from './guarded-block.ts';
import { refuseFilledDatabase } from './guarded-database.ts';
import { type LossContext, runGuarded } from './guarded-transaction.ts';
import { indexState } from './index-state.ts';
import { deleteRowSql, type LedgerRow, undoStartedSql } from './ledger.ts';
import { dropLedgerSchemaSql, dropLedgerSql } from './ledger-table.ts';
import { dropDebris, dropReindexDebris, runLone } from './lone-statement.ts';
import { observeAlone, observedTogether } from './observe.ts';
import { fullName } from './plan-problems.ts';
import { CLEAN_NEXT_BEGIN, CLEAN_SESSION } from './script.ts';
import type { LoneWork } from './statement-kinds.ts';
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
  /** `keep`: the schema as it is then is kept in the ledger, with its last change. */
  readonly catalog: CatalogAfter;
}

export interface Reverted {
  /** `cleared`: it was unfinished. */
  readonly outcome: 'reverted' | 'cleared';
  readonly durationMs: number;
  /** Directories with the rows that were saved. */
  readonly saved: readonly string[];
  /** Null where the work does not observe. */
  readonly observed: Observed | null;
}

/**
 * Errors: a ProblemError with the place in the file; `lock-timeout`, `claim-lost`, `rows-not-saved`, `loss-unknown`,
 * `interrupted`.
 */
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
  const observed: (Observed | null)[] = [];
  const closesWith = closingPart(reversal, parts);
  for (const [index, part] of parts.entries()) {
    const bookkeeping = index === closesWith ? closing(work, reversal) : { before: [], after: [] };
    observed.push(await revertPart(work, reversal, { part, of, loss, ...bookkeeping }));
  }
  if (of === 'unfinished') await clearDebris(work, reversal);
  if (closesWith === -1) await forgetRow(work, reversal);
  const durationMs = Math.round(work.clock.nowMs() - startedAtMs);
  work.emit({ kind: 'migration-reverted', migration, of, durationMs });
  const outcome = of === 'applied' ? 'reverted' : 'cleared';
  return { outcome, durationMs, saved: loss.saved, observed: observedTogether(observed) };
}

interface PartReversal {
  readonly part: Part;
  readonly of: 'applied' | 'unfinished';
  readonly loss: LossContext;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

async function revertPart(
  work: Work,
  reversal: Reversal,
  { part, of, loss, before, after }: PartReversal,
): Promise<Observed | null> {
  const { doing } = loss;
  const file = reversal.file.down;
  const run = of === 'unfinished' ? runTolerantly : runStrictly;
  if (part.kind === 'alone') {
    const { statement, work: lone } = part;
    const attempt = of === 'unfinished' ? attemptOf(reversal, lone) : 'first';
    if (lone.kind === 'block' && (attempt === 'first' || work.inDoubt === 'run-again')) {
      // It may drop rows as any other statement does.
      const guarded = { doing, file, statements: [statement], before: [], after: [], run };
      const seen = await runGuarded(work, guarded, loss).catch(unlessCommitsItself);
      if (seen !== 'commits itself') return seen;
      await saveBeforeBlock(work, guarded, loss);
    }
    const step = { doing, file, statement, work: lone, attempt } as const;
    await refuseFilledDatabase(work, step);
    return observeAlone(work, () => (of === 'unfinished' ? runLoneTolerantly(work, step) : runLone(work, step)));
  }
  const { statements } = part;
  return runGuarded(work, { doing, file, statements, before, after, run }, loss);
}

/** Clearing may have been cut off at this very statement; a block has only been run where undoing had begun. */
function attemptOf({ row }: Reversal, { kind }: LoneWork): 'first' | 'again' {
  if (kind === 'drop-index') return 'first';
  return kind === 'block' && row.undoStartedAt === null ? 'first' : 'again';
}

/** The ledger goes before the mirror's statements, which may drop its schema. */
function closing(work: Work, reversal: Reversal): { before: readonly string[]; after: readonly string[] } {
  const { file, position } = reversal;
  if (position === 'not-last') {
    const keep = reversal.catalog === 'keep' ? [keepCatalogSql(work)] : [];
    return { before: [], after: [deleteRowSql(work.ledgerSchema, file.version), ...keep, CLEAN_NEXT_BEGIN] };
  }
  const after = [dropLedgerSchemaSql(work.ledgerSchema), CLEAN_NEXT_BEGIN];
  return { before: [dropLedgerSql(work.ledgerSchema)], after };
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
    if (part.kind !== 'alone') continue;
    if (part.work.kind === 'reindex') await dropReindexDebris(work, `clearing ${fullName(file)}`, part.work);
    if (part.work.kind !== 'create-index') continue;
    const state = await indexState(work.session.client, part.work.table, part.work.index);
    if (state.kind === 'invalid') await dropDebris(work, `clearing ${fullName(file)}`, state.name);
  }
}

function partsOf(down: AnalysedFile): readonly Part[] {
  return down.parts.length > 0 ? down.parts : [{ kind: 'transaction', statements: [] }];
}

/**
 * The part that the row goes with; -1: it goes when all else is done, because what comes after the last transaction would
 * otherwise be forgotten by whoever is cut off there. The ledger itself has to go before its schema does.
 */
function closingPart({ position, row, up }: Reversal, parts: readonly Part[]): number {
  const last = lastTransaction(parts);
  if (position === 'last') return last;
  const debris = row.finishedAt === null && up?.parts.some((part) => part.kind === 'alone');
  return debris || last < parts.length - 1 ? -1 : last;
}

function lastTransaction(parts: readonly Part[]): number {
  return parts.findLastIndex((part) => part.kind === 'transaction');
}
