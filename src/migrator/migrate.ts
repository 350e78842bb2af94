/**
 * Applies what is pending, all of it or exactly one migration. It decides by a ledger that was read under the lock, never by
 * what somebody planned before.
 */
import type { Observed } from '../model/observed.ts';
import { ProblemError } from '../model/problem.ts';
import { type ApplyOutcome, applyPending } from './apply-pending.ts';
import { applySeveral } from './apply-several.ts';
import { applyTogether } from './apply-together.ts';
import type { CatalogAfter } from './drift/keep-catalog.ts';
import type { MigrationRef } from './events.ts';
import type { MigrationFile } from './files.ts';
import { type Ledger, readLedger } from './ledger.ts';
import { type MigrationPlan, type PendingMigration, planMigrations } from './plan.ts';
import { fullName, refuseProblems } from './plan-problems.ts';
import { analyseFile } from './statements.ts';
import { chooseVersion } from './version-choice.ts';
import { compareVersions, sameVersion } from './version-order.ts';
import type { Work } from './work.ts';

export type { ApplyOutcome } from './apply-pending.ts';

/** What applying or reverting one migration is asked with: the file has to be this one on every worker. */
export interface ApplyRequest {
  readonly version: string;
  /** sha256 hex, as planned. */
  readonly upChecksum: string;
  /** Told of each transaction what it did, before it is committed; throws what must not be. Only where the migrator observes. */
  readonly accept?: (observed: Observed | null) => void;
}

export interface MigrateRequest {
  /** The last one to apply, as an operator names it; default: all. */
  readonly to?: string;
  /** `one`: all of them in a single transaction. Default `each`. */
  readonly transactions?: 'each' | 'one';
  /** As it was read under the lock, where it was. */
  readonly ledger?: Ledger;
}

/**
 * The pending ones in order; nothing is applied where a file among the next ones cannot be read as SQL.
 * Errors: `migration-unknown`, `needs-own-transaction`, those of the plan and of applying.
 */
export async function migrateAll(
  work: Work,
  files: readonly MigrationFile[],
  { to, transactions = 'each', ledger: known }: MigrateRequest = {},
): Promise<readonly ApplyOutcome[]> {
  const last = to === undefined ? undefined : chooseVersion(files, to);
  const ledger = known ?? (await readLedger(work.session.client, work.ledgerSchema));
  const plan = planMigrations(files, ledger.rows, ledger.repeatables);
  refuseProblems(plan.problems);
  const pending = last
    ? plan.pending.filter(({ file }) => compareVersions(file.version, last.version) <= 0)
    : plan.pending;
  if (pending.length === 0) {
    work.emit(
      last ? { kind: 'already-applied', migration: refOf(last) } : { kind: 'nothing-to-do', why: 'all-applied' },
    );
    return [];
  }
  const telling = beforeFirstEvent(work, () => tellPending(work, plan, pending));
  const several = { pending, state: ledger.state };
  return transactions === 'one' ? applyTogether(telling, several) : applySeveral(telling, several);
}

/** What is refused before anything is begun is told without a word about what would have been begun. */
function beforeFirstEvent(work: Work, tell: () => void): Work {
  let told = false;
  return {
    ...work,
    emit: (event) => {
      if (!told) tell();
      told = true;
      work.emit(event);
    },
  };
}

/** Errors: `migration-unknown`, `migration-checksum-mismatch`, `migration-out-of-order`, and those of applying. */
export async function applyRequested(
  work: Work,
  files: readonly MigrationFile[],
  request: ApplyRequest,
  catalog: CatalogAfter = 'keep',
): Promise<ApplyOutcome> {
  const file = requireFile(files, request.version);
  requireChecksum(file.up, request.upChecksum);
  const ledger = await readLedger(work.session.client, work.ledgerSchema);
  const plan = planMigrations(files, ledger.rows, ledger.repeatables);
  refuseProblems(plan.problems);
  const planned = plan.migrations.find((one) => one.file === file)!;
  if (planned.state === 'applied') {
    const migration = { version: file.version, name: file.name };
    work.emit({ kind: 'already-applied', migration });
    return { ...migration, outcome: 'already-applied', durationMs: 0, observed: null };
  }
  const first = plan.pending[0]!;
  if (first !== planned) throw notNext(file, first);
  const up = await analyseFile(file.up);
  const { accept } = request;
  return applyPending(work, { pending: first, up, state: ledger.state, catalog, ...(accept && { accept }) });
}

function tellPending(work: Work, plan: MigrationPlan, pending: readonly PendingMigration[]): void {
  work.emit({
    kind: 'migrations-pending',
    pending: pending.map(({ file }) => refOf(file)),
    applied: plan.migrations.length - plan.pending.length,
  });
}

function refOf({ version, name }: MigrationRef): MigrationRef {
  return { version, name };
}

/** Errors: `migration-unknown`. */
export function requireFile(files: readonly MigrationFile[], version: string): MigrationFile {
  const file = files.find((one) => sameVersion(one.version, version));
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
