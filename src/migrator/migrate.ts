/**
 * Applies what is pending, all of it or exactly one migration. It decides by a ledger that was read under the lock, never by
 * what somebody planned before.
 */
import { ProblemError } from '../model/problem.ts';
import { applyMigration } from './apply.ts';
import type { MigrationRef } from './events.ts';
import type { MigrationFile } from './files.ts';
import { type Ledger, readLedger } from './ledger.ts';
import { type MigrationPlan, type PendingMigration, planMigrations } from './plan.ts';
import { fullName, refuseProblems, requireMirror } from './plan-problems.ts';
import { revertMigration } from './revert.ts';
import { type AnalysedFile, analyseFile } from './statements.ts';
import type { Work } from './work.ts';

export interface ApplyOutcome extends MigrationRef {
  readonly outcome: 'applied' | 'already-applied' | 'resumed';
  readonly durationMs: number;
}

/** What applying or reverting one migration is asked with: the file has to be this one on every worker. */
export interface ApplyRequest {
  readonly version: string;
  /** sha256 hex, as planned. */
  readonly upChecksum: string;
}

/** All pending ones in order; nothing is applied where a pending file cannot be read as SQL. */
export async function migrateAll(work: Work, files: readonly MigrationFile[]): Promise<readonly ApplyOutcome[]> {
  const ledger = await readLedger(work.session.client, work.ledgerSchema);
  const plan = planMigrations(files, ledger.rows);
  refuseProblems(plan.problems);
  const pending = await Promise.all(plan.pending.map(async (one) => ({ one, up: await analyseFile(one.file.up) })));
  if (pending.length === 0) work.emit({ kind: 'nothing-to-do', why: 'all-applied' });
  else tellPending(work, plan);
  const outcomes: ApplyOutcome[] = [];
  let state = ledger.state;
  for (const { one, up } of pending) {
    outcomes.push(await applyPending(work, { pending: one, up, state }));
    state = 'present';
  }
  return outcomes;
}

/** Errors: `migration-unknown`, `migration-checksum-mismatch`, `migration-out-of-order`, and those of applying. */
export async function applyRequested(
  work: Work,
  files: readonly MigrationFile[],
  request: ApplyRequest,
): Promise<ApplyOutcome> {
  const file = requireFile(files, request.version);
  requireChecksum(file.up, request.upChecksum);
  const ledger = await readLedger(work.session.client, work.ledgerSchema);
  const plan = planMigrations(files, ledger.rows);
  refuseProblems(plan.problems);
  const planned = plan.migrations.find((one) => one.file === file)!;
  if (planned.state === 'applied') {
    const migration = { version: file.version, name: file.name };
    work.emit({ kind: 'already-applied', migration });
    return { ...migration, outcome: 'already-applied', durationMs: 0 };
  }
  const first = plan.pending[0]!;
  if (first !== planned) throw notNext(file, first);
  return applyPending(work, { pending: first, up: await analyseFile(file.up), state: ledger.state });
}

interface PendingStep {
  readonly pending: PendingMigration;
  readonly up: AnalysedFile;
  readonly state: Ledger['state'];
}

async function applyPending(work: Work, { pending, up, state }: PendingStep): Promise<ApplyOutcome> {
  const { file, row } = pending;
  const ref = { version: file.version, name: file.name };
  if (!row?.undoStartedAt) return { ...ref, ...(await applyMigration(work, { file, up, row, ledger: state })) };
  // Undoing it was cut off half-way: that is finished first, then it is applied from its beginning.
  const ledger = await readLedger(work.session.client, work.ledgerSchema);
  const position = ledger.rows.length === 1 ? 'last' : 'not-last';
  requireMirror(file);
  await revertMigration(work, { file, up, down: await analyseFile(file.down), row, position });
  const now = position === 'last' ? 'absent' : 'present';
  return { ...ref, ...(await applyMigration(work, { file, up, row: null, ledger: now })) };
}

function tellPending(work: Work, plan: MigrationPlan): void {
  work.emit({
    kind: 'migrations-pending',
    pending: plan.pending.map(({ file }) => ({ version: file.version, name: file.name })),
    applied: plan.migrations.length - plan.pending.length,
  });
}

/** Errors: `migration-unknown`. */
export function requireFile(files: readonly MigrationFile[], version: string): MigrationFile {
  const file = files.find((one) => BigInt(one.version) === BigInt(version));
  if (file) return file;
  throw new ProblemError({
    code: 'migration-unknown',
    message: `there is no migration ${version} on disk`,
    found: `${files.map((one) => one.version).join(', ')}`,
    expected: 'the checkout that the plan was made with',
    next: 'give every worker the same checkout',
  });
}

/** Errors: `migration-checksum-mismatch`. */
export function requireChecksum(file: { readonly path: string; readonly checksum: string }, checksum: string): void {
  if (file.checksum === checksum) return;
  throw new ProblemError({
    code: 'migration-checksum-mismatch',
    message: `${file.path} is not the file that was planned`,
    found: `checksum ${file.checksum}`,
    expected: `checksum ${checksum}, as planned and approved`,
    next: 'give every worker the checkout that the plan was made with, or plan again',
  });
}

function notNext(file: MigrationFile, first: PendingMigration): ProblemError {
  return new ProblemError({
    code: 'migration-out-of-order',
    message: `${fullName(file)} cannot be applied before ${fullName(first.file)}`,
    found: `${fullName(first.file)} is not applied`,
    expected: 'migrations applied in the order of their numbers',
    next: `apply ${fullName(first.file)} first`,
  });
}
