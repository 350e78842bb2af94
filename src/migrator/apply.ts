/**
 * Applies one migration, or goes on with one that is unfinished. A file that is all one transaction commits its statements and
 * its ledger row together; one of several parts records each part with it. Whoever calls holds the lock and has read the ledger.
 */
import type { MigrationRef } from './events.ts';
import type { MigrationFile } from './files.ts';
import { insertRowSql, type LedgerEntry, type LedgerRow, progressSql } from './ledger.ts';
import { createLedgerSql } from './ledger-table.ts';
import { runLone } from './lone-statement.ts';
import { fullName } from './plan-problems.ts';
import type { AnalysedFile, Part } from './statements.ts';
import { runStep } from './step-transaction.ts';
import { DRYDOCK_VERSION } from './version.ts';
import type { Work } from './work.ts';

export interface Application {
  readonly file: MigrationFile;
  readonly up: AnalysedFile;
  /** The unfinished row to go on from; null where there is none. */
  readonly row: LedgerRow | null;
  readonly ledger: 'absent' | 'present';
}

export interface Applied {
  readonly outcome: 'applied' | 'resumed';
  readonly durationMs: number;
}

/** Errors: a ProblemError with the place in the file; `lock-timeout`, `claim-lost`, `interrupted`. */
export async function applyMigration(work: Work, application: Application): Promise<Applied> {
  const { file, row } = application;
  const startedAtMs = work.clock.nowMs();
  const parts = partsOf(application.up);
  const first = row?.partsDone ?? 0;
  const migration: MigrationRef = { version: file.version, name: file.name };
  work.emit({ kind: 'migration-started', migration, parts: parts.length, resumedAt: row ? first : null });
  const record = recorder(work, application, parts.length);
  for (const [index, part] of parts.entries()) {
    if (index < first) continue;
    await applyPart(work, application, { part, record, attempt: row && index === first ? 'again' : 'first' });
    if (parts.length > 1) {
      work.emit({ kind: 'part-finished', migration, part: index, parts: parts.length });
    }
  }
  // Killed between its last part and the row that says so: nothing is left to run.
  if (row && first >= parts.length) await runStep(work, bookkeeping(application, [record.progress(parts.length)]));
  const durationMs = Math.round(work.clock.nowMs() - startedAtMs);
  work.emit({ kind: 'migration-applied', migration, durationMs });
  return { outcome: row ? 'resumed' : 'applied', durationMs };
}

interface PartStep {
  readonly part: Part;
  readonly record: Recorder;
  readonly attempt: 'first' | 'again';
}

async function applyPart(work: Work, application: Application, { part, record, attempt }: PartStep): Promise<void> {
  const doing = `applying ${fullName(application.file)}`;
  const { up: file } = application.file;
  if (part.kind === 'transaction') {
    await runStep(work, { doing, file, statements: part.statements, after: record.next() });
    return record.done();
  }
  // The row goes first: a build that is cut off must be found to belong to this migration.
  if (record.state() === 'no-row') {
    await runStep(work, bookkeeping(application, record.begin()));
  }
  const startedAtMs = work.clock.nowMs();
  await runLone(work, { doing, file, statement: part.statement, work: part.work, attempt });
  await runStep(work, bookkeeping(application, record.next(work.clock.nowMs() - startedAtMs)));
  record.done();
}

function bookkeeping(application: Application, after: readonly string[]) {
  return { doing: `recording ${fullName(application.file)}`, file: application.file.up, statements: [], after };
}

/** A file without any statement is one empty transaction. */
function partsOf(up: AnalysedFile): readonly Part[] {
  return up.parts.length > 0 ? up.parts : [{ kind: 'transaction', statements: [] }];
}

/** Keeps count of what the ledger says, and gives the SQL for the next step of it. */
interface Recorder {
  state(): 'no-row' | 'has-row';
  /** Makes the row with nothing done, and the ledger where there is none. */
  begin(): readonly string[];
  /** Records one part more; a row is made where there is none. */
  next(elapsedMs?: number): readonly string[];
  progress(partsDone: number): string;
  done(): void;
}

function recorder(work: Work, { file, row, ledger }: Application, partsTotal: number): Recorder {
  const schema = work.ledgerSchema;
  const entry = entryFor(work, file, partsTotal);
  let hasRow = row !== null;
  let hasLedger = ledger === 'present';
  let partsDone = row?.partsDone ?? 0;
  const insert = (count: number) => [
    ...(hasLedger ? [] : [createLedgerSql(schema)]),
    insertRowSql(schema, entry, count),
  ];
  return {
    state: () => (hasRow ? 'has-row' : 'no-row'),
    begin: () => {
      const sql = insert(0);
      hasLedger = true;
      hasRow = true;
      return sql;
    },
    next: (elapsedMs) => (hasRow ? [progressSql(schema, entry, partsDone + 1, elapsedMs)] : insert(partsDone + 1)),
    progress: (count) => progressSql(schema, entry, count, 0),
    done: () => {
      partsDone += 1;
      hasLedger = true;
      hasRow = true;
    },
  };
}

function entryFor({ owner }: Work, file: MigrationFile, partsTotal: number): LedgerEntry {
  return {
    version: file.version,
    name: file.name,
    upChecksum: file.up.checksum,
    downChecksum: file.down.checksum,
    partsTotal,
    appliedBy: owner.appliedBy,
    runId: owner.runId,
    drydockVersion: DRYDOCK_VERSION,
  };
}
