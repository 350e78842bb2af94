/**
 * What is applied, what is to be done next and what stands in the way: a pure function of the files on disk and the rows of
 * the ledger. It runs nothing and has seen no database.
 */
import type { Problem } from '../model/problem.ts';
import type { MigrationFile } from './files.ts';
import type { LedgerRow } from './ledger.ts';
import { editedProblem, missingFileProblem, outOfOrderProblem } from './plan-problems.ts';
import { isRepeatableVersion } from './repeatable-files.ts';
import { compareVersions } from './version-order.ts';

/** A migration on disk or in the ledger, or both. `row` unfinished: some of its parts are done, or its undoing has begun. */
export type PlannedMigration =
  | { readonly state: 'applied'; readonly version: string; readonly file: MigrationFile; readonly row: LedgerRow }
  | { readonly state: 'unfinished'; readonly version: string; readonly file: MigrationFile; readonly row: LedgerRow }
  | {
      readonly state: 'pending';
      readonly version: string;
      readonly file: MigrationFile;
      readonly row: null;
      /** What the ledger says of a repeatable one that has changed since it was run. */
      readonly changedSince?: LedgerRow;
    }
  /** In the ledger, with no file of its number. */
  | { readonly state: 'missing'; readonly version: string; readonly file: null; readonly row: LedgerRow };

export type PendingMigration = Extract<PlannedMigration, { state: 'pending' | 'unfinished' }>;

export interface MigrationPlan {
  /** All of them, in order of their numbers. */
  readonly migrations: readonly PlannedMigration[];
  /** What `migrate` would do, in order; an unfinished one is gone on with. */
  readonly pending: readonly PendingMigration[];
  /** Why `migrate` would refuse; none where it would not. */
  readonly problems: readonly Problem[];
}

/**
 * `files`: numbered ones in their order, and repeatable ones anywhere among them. `rows`, in order, and `repeatables` are those of the
 * ledger; a repeatable one whose file is gone is left out, because nothing follows from it.
 */
export function planMigrations(
  files: readonly MigrationFile[],
  rows: readonly LedgerRow[],
  repeatables: readonly LedgerRow[] = [],
): MigrationPlan {
  const numbered = merge(
    files.filter((file) => !isRepeatableVersion(file.version)),
    rows,
  );
  const migrations = [...numbered, ...repeated(files, repeatables)];
  return {
    migrations,
    pending: migrations.filter(isPending),
    problems: [
      ...numbered.filter((one) => one.state === 'missing').map(({ row }) => missingFileProblem(row)),
      ...editsIn(numbered),
      ...outOfOrder(numbered),
    ],
  };
}

/** In the order of their names. One that stopped half way and was not edited is gone on with; one that changed begins anew. */
function repeated(files: readonly MigrationFile[], rows: readonly LedgerRow[]): PlannedMigration[] {
  const rowOf = new Map(rows.map((row) => [row.version, row]));
  const repeatables = files.filter((file) => isRepeatableVersion(file.version));
  return repeatables
    .sort((a, b) => (a.version < b.version ? -1 : 1))
    .map((file) => {
      const row = rowOf.get(file.version);
      const planned = withRow(file, row);
      if (!row || row.upChecksum === file.up.checksum) return planned;
      return { state: 'pending', version: file.version, file, row: null, changedSince: row };
    });
}

/** Which of a migration's two files differ from what the ledger recorded when it was applied. */
export function editedFiles(file: MigrationFile, row: LedgerRow): readonly ('up' | 'down')[] {
  const isUpEdited = file.up.checksum !== row.upChecksum;
  const isDownEdited = (file.down?.checksum ?? null) !== row.downChecksum;
  if (isUpEdited) return isDownEdited ? ['up', 'down'] : ['up'];
  return isDownEdited ? ['down'] : NEITHER;
}

const NEITHER: readonly never[] = Object.freeze([]);

export function isPending(migration: PlannedMigration): migration is PendingMigration {
  return migration.state === 'pending' || migration.state === 'unfinished';
}

function merge(files: readonly MigrationFile[], rows: readonly LedgerRow[]): PlannedMigration[] {
  const merged: PlannedMigration[] = [];
  let at = 0;
  for (const file of files) {
    let row: LedgerRow | undefined;
    for (; at < rows.length; at += 1) {
      const order = compareVersions(rows[at]!.version, file.version);
      if (order > 0) break;
      if (order === 0) row = rows[at]!;
      else merged.push(missing(rows[at]!));
    }
    merged.push(withRow(file, row));
  }
  return [...merged, ...rows.slice(at).map(missing)];
}

function missing(row: LedgerRow): PlannedMigration {
  return { state: 'missing', version: row.version, file: null, row };
}

function withRow(file: MigrationFile, row: LedgerRow | undefined): PlannedMigration {
  const { version } = file;
  if (!row) return { state: 'pending', version, file, row: null };
  return { state: row.finishedAt === null ? 'unfinished' : 'applied', version, file, row };
}

function editsIn(migrations: readonly PlannedMigration[]): Problem[] {
  const problems: Problem[] = [];
  for (const { file, row } of migrations) {
    const edited = file && row ? editedFiles(file, row) : NEITHER;
    if (edited.length > 0) problems.push(editedProblem(file!, row!, edited));
  }
  return problems;
}

/** A pending number below one that is applied: it would run on a schema that its author has not seen. */
export function lateOnes(migrations: readonly PlannedMigration[]): readonly PendingMigration[] {
  const last = lastApplied(migrations);
  if (!last) return [];
  return migrations.filter(isPending).filter((one) => compareVersions(one.version, last.version) < 0);
}

function lastApplied(migrations: readonly PlannedMigration[]): PlannedMigration | undefined {
  const isNumbered = (one: PlannedMigration) => !isRepeatableVersion(one.version);
  return migrations.findLast((one) => isNumbered(one) && (one.state === 'applied' || one.state === 'missing'));
}

function outOfOrder(migrations: readonly PlannedMigration[]): Problem[] {
  return lateOnes(migrations).map((one) => outOfOrderProblem(one, lastApplied(migrations)!.version));
}
