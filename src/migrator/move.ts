/**
 * Goes to where an operator wants to be: several steps back, up or down to one version, or the last step once more. Every
 * mirror that will be needed is looked at before the first one runs.
 */
import { ProblemError } from '../model/problem.ts';
import type { MigrationRef } from './events.ts';
import type { MigrationFile } from './files.ts';
import { type LedgerRow, readLedger } from './ledger.ts';
import { type ApplyOutcome, migrateAll } from './migrate.ts';
import { fullName } from './plan-problems.ts';
import { mirrorFor, type RevertOutcome, rollBackOne } from './roll-back.ts';
import { analyseFile } from './statements.ts';
import { chooseVersion, meansNone } from './version-choice.ts';
import { compareVersions, sameVersion } from './version-order.ts';
import type { Work } from './work.ts';

export interface MoveOutcome {
  /** From the last to the first; none where it went up. */
  readonly reverted: readonly RevertOutcome[];
  /** In order; none where it went down. */
  readonly applied: readonly ApplyOutcome[];
}

/** So many steps, the last one first. Errors: `too-few-applied`, and those of going back. */
export async function rollBackSeveral(
  work: Work,
  files: readonly MigrationFile[],
  count: number,
): Promise<readonly RevertOutcome[]> {
  const { rows } = await readLedger(work.session.client, work.ledgerSchema);
  return revertRows(work, files, lastRows(rows, count));
}

/** In the order of the ledger. Errors: `too-few-applied`. */
export function lastRows(rows: readonly LedgerRow[], count: number): readonly LedgerRow[] {
  if (count > rows.length) throw tooFew(count, rows);
  return rows.slice(rows.length - count);
}

/** How to get to a version from what is applied. `down`: the rows that go, in the order of the ledger; none where nothing is applied. */
export type Way =
  | { readonly kind: 'up'; readonly last: MigrationFile }
  | { readonly kind: 'down'; readonly rows: readonly LedgerRow[] };

/** `none` and `0` are below the first one. Errors: `migration-unknown`, `migration-out-of-order`. */
export function wayTo(files: readonly MigrationFile[], rows: readonly LedgerRow[], version: string): Way {
  if (meansNone(files, version)) return { kind: 'down', rows };
  const wanted = chooseVersion(files, version);
  const above = rows.filter((row) => compareVersions(row.version, wanted.version) > 0);
  if (above.length === 0) return { kind: 'up', last: wanted };
  requireApplied(rows, wanted);
  return { kind: 'down', rows: above };
}

/** Up or down, so that exactly this one is the last, or none is. Errors: `migration-unknown`, and those of either way. */
export async function moveTo(work: Work, files: readonly MigrationFile[], version: string): Promise<MoveOutcome> {
  const { rows } = await readLedger(work.session.client, work.ledgerSchema);
  const way = wayTo(files, rows, version);
  if (way.kind === 'up') return { reverted: [], applied: await migrateAll(work, files, { to: way.last.version }) };
  if (way.rows.length === 0) work.emit({ kind: 'nothing-to-do', why: 'none-applied' });
  return { reverted: await revertRows(work, files, way.rows), applied: [] };
}

/** The last step down and up again. An edited up file is taken as it is now: that is what this is for. */
export async function redoLast(work: Work, files: readonly MigrationFile[]): Promise<MoveOutcome> {
  const { rows } = await readLedger(work.session.client, work.ledgerSchema);
  const last = rows.at(-1);
  if (!last) return { reverted: [await rollBackOne(work, files)], applied: [] };
  await analyseFile(mirrorFor(files, last).up);
  const reverted = await revertRows(work, files, [last]);
  return { reverted, applied: await migrateAll(work, files, { to: last.version }) };
}

async function revertRows(
  work: Work,
  files: readonly MigrationFile[],
  rows: readonly LedgerRow[],
): Promise<readonly RevertOutcome[]> {
  for (const row of rows) await analyseFile(mirrorFor(files, row).down);
  if (rows.length > 1) work.emit({ kind: 'rollbacks-pending', migrations: rows.map(refOf).reverse() });
  const reverted: RevertOutcome[] = [];
  for (let left = rows.length; left > 0; left -= 1) {
    reverted.push(await rollBackOne(work, files, left === 1 ? 'keep' : 'leave'));
  }
  return reverted;
}

function refOf({ version, name }: LedgerRow): MigrationRef {
  return { version, name };
}

function requireApplied(rows: readonly LedgerRow[], wanted: MigrationFile): void {
  if (rows.some((row) => sameVersion(row.version, wanted.version))) return;
  throw new ProblemError({
    code: 'migration-out-of-order',
    message: `${fullName(wanted)} cannot be the last one: it is not applied, and later ones are`,
    found: `${fullName(rows.at(-1)!)} is applied`,
    expected: 'migrations applied in the order of their numbers',
    next: 'look at `status`, and choose one that is applied',
  });
}

function tooFew(count: number, rows: readonly LedgerRow[]): ProblemError {
  return new ProblemError({
    code: 'too-few-applied',
    message: `${count} migrations cannot be rolled back`,
    found: `${rows.length} in the ledger`,
    expected: 'no more steps than there are',
    next: rows.length === 0 ? 'look at `status`' : `\`rollback --count ${rows.length}\` for all of them`,
  });
}
