/**
 * Applies one migration, or goes on with one that is unfinished. A file that is all one transaction commits its statements and
 * its ledger row together; one of several parts records each part with it. Whoever calls holds the lock and has read the ledger.
 */

import type { Observed } from '../model/observed.ts';
import { unlessCommitsItself } from './commits-itself.ts';
import type { MigrationRef } from './events.ts';
import { runLone } from './lone-statement.ts';
import { observeAlone, observedTogether } from './observe.ts';
import { fullName } from './plan-problems.ts';
import { type ProgressRecord, progressRecord, type RecordedMigration } from './progress-record.ts';
import { CLEAN_SESSION } from './script.ts';
import type { SqlStatement } from './sql-statement.ts';
import type { AnalysedFile, Part } from './statements.ts';
import { runStep } from './step-transaction.ts';
import { send, type Work } from './work.ts';

export interface Application extends RecordedMigration {
  readonly up: AnalysedFile;
  /** Throws what must not be committed; asked for each part that is a transaction. */
  readonly accept?: (observed: Observed | null) => void;
}

export interface Applied {
  readonly outcome: 'applied' | 'resumed';
  readonly durationMs: number;
  /** Null where the work does not observe, or an earlier attempt did some of it. */
  readonly observed: Observed | null;
}

/** Errors: a ProblemError with the place in the file; `lock-timeout`, `claim-lost`, `interrupted`. */
export async function applyMigration(work: Work, application: Application): Promise<Applied> {
  const { file, row } = application;
  const startedAtMs = work.clock.nowMs();
  const parts = partsOf(application.up);
  const first = row?.partsDone ?? 0;
  const migration: MigrationRef = { version: file.version, name: file.name };
  work.emit({ kind: 'migration-started', migration, parts: parts.length, resumedAt: row ? first : null });
  const record = progressRecord(work, application, parts.length);
  if (row) await restoreSettings(work, parts.slice(0, first));
  const observed: (Observed | null)[] = row ? [null] : [];
  for (const [index, part] of parts.entries()) {
    if (index < first) continue;
    const before = index === 0 && !row ? [CLEAN_SESSION] : [];
    const attempt = row && index === first ? 'again' : 'first';
    observed.push(await applyPart(work, application, { part, before, record, attempt }));
    if (parts.length > 1) work.emit({ kind: 'part-finished', migration, part: index, parts: parts.length });
  }
  const durationMs = Math.round(work.clock.nowMs() - startedAtMs);
  work.emit({ kind: 'migration-applied', migration, durationMs });
  return { outcome: row ? 'resumed' : 'applied', durationMs, observed: observedTogether(observed) };
}

interface PartStep {
  readonly part: Part;
  readonly before: readonly string[];
  readonly record: ProgressRecord;
  readonly attempt: 'first' | 'again';
}

async function applyPart(
  work: Work,
  { file: { up: file, ...migration }, accept }: Application,
  step: PartStep,
): Promise<Observed | null> {
  const { part, before, record, attempt } = step;
  const name = fullName(migration);
  const doing = `applying ${name}`;
  const together = async (statements: readonly SqlStatement[]) => {
    const seen = await runStep(work, {
      doing,
      file,
      statements,
      before,
      after: record.next(),
      ...(accept && { accept }),
    });
    record.done();
    return seen;
  };
  if (part.kind === 'transaction') return together(part.statements);
  if (part.work.kind === 'block') {
    // With its progress in one transaction it is done exactly once: only what commits by itself has to be alone.
    const seen = await together([part.statement]).catch(unlessCommitsItself);
    if (seen !== 'commits itself') return seen;
  }
  const bookkeeping = { doing: `recording ${name}`, file, statements: [] };
  // The row goes first: a build that is cut off must be found to belong to this migration.
  const begun = record.begin();
  if (begun.length > 0) await runStep(work, { ...bookkeeping, before, after: begun });
  const startedAtMs = work.clock.nowMs();
  const lone = { doing, file, statement: part.statement, work: part.work, attempt };
  const seen = await observeAlone(work, () => runLone(work, lone));
  await runStep(work, { ...bookkeeping, after: record.next(work.clock.nowMs() - startedAtMs) });
  record.done();
  return seen;
}

/** The parts that are done have left settings in a session that is gone; the parts to come may rely on them. */
async function restoreSettings(work: Work, done: readonly Part[]): Promise<void> {
  const statements = done.flatMap((part) => (part.kind === 'alone' ? [part.statement] : part.statements));
  const settings = statements.filter(({ kind, text }) => kind === 'VariableSetStmt' && !/^set\s+local\b/i.test(text));
  await send(work, [CLEAN_SESSION, ...settings.map(({ text }) => `${text};`)].join('\n'));
}

/** A file without any statement is one empty transaction. */
function partsOf(up: AnalysedFile): readonly Part[] {
  return up.parts.length > 0 ? up.parts : [{ kind: 'transaction', statements: [] }];
}
