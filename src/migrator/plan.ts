/**
 * What is applied, what is to be done next and what stands in the way: a pure function of the files on disk and the rows of
 * the ledger. It runs nothing and has seen no database.
 */
import type { Problem } from '../model/problem.ts';
import type { MigrationFile } from './files.ts';
import type { LedgerRow } from './ledger.ts';
import { editedProblem, missingFileProblem, outOfOrderProblem } from './plan-problems.ts';

/** A migration on disk or in the ledger, or both. `row` unfinished: some of its parts are done, or its undoing has begun. */
export type PlannedMigration =
  | { readonly state: 'applied'; readonly version: string; readonly file: MigrationFile; readonly row: LedgerRow }
  | { readonly state: 'unfinished'; readonly version: string; readonly file: MigrationFile; readonly row: LedgerRow }
  | { readonly state: 'pending'; readonly version: string; readonly file: MigrationFile; readonly row: null }
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

export function planMigrations(files: readonly MigrationFile[], rows: readonly LedgerRow[]): MigrationPlan {
  const migrations = merge(files, rows);
  return {
    migrations,
    pending: migrations.filter(isPending),
    problems: [
      ...migrations.flatMap((one) => (one.state === 'missing' ? [missingFileProblem(one.row)] : [])),
      ...migrations.flatMap(editsOf),
      ...outOfOrder(migrations),
    ],
  };
}

/** Which of a migration's two files differ from what the ledger recorded when it was applied. */
export function editedFiles(file: MigrationFile, row: LedgerRow): readonly ('up' | 'down')[] {
  return [
    ...(file.up.checksum === row.upChecksum ? [] : ['up' as const]),
    ...((file.down?.checksum ?? null) === row.downChecksum ? [] : ['down' as const]),
  ];
}

export function isPending(migration: PlannedMigration): migration is PendingMigration {
  return migration.state === 'pending' || migration.state === 'unfinished';
}

function merge(files: readonly MigrationFile[], rows: readonly LedgerRow[]): PlannedMigration[] {
  const rowOf = new Map(rows.map((row) => [BigInt(row.version), row]));
  const onDisk = files.map((file) => withRow(file, rowOf.get(BigInt(file.version))));
  const numbers = new Set(files.map((file) => BigInt(file.version)));
  const missing = rows
    .filter((row) => !numbers.has(BigInt(row.version)))
    .map((row) => ({ state: 'missing' as const, version: row.version, file: null, row }));
  return [...onDisk, ...missing].sort((a, b) => (BigInt(a.version) < BigInt(b.version) ? -1 : 1));
}

function withRow(file: MigrationFile, row: LedgerRow | undefined): PlannedMigration {
  const { version } = file;
  if (!row) return { state: 'pending', version, file, row: null };
  return { state: row.finishedAt === null ? 'unfinished' : 'applied', version, file, row };
}

function editsOf(migration: PlannedMigration): Problem[] {
  if (migration.state !== 'applied' && migration.state !== 'unfinished') return [];
  const edited = editedFiles(migration.file, migration.row);
  return edited.length === 0 ? [] : [editedProblem(migration.file, migration.row, edited)];
}

/** A pending number below one that is applied: it would run on a schema that its author has not seen. */
function outOfOrder(migrations: readonly PlannedMigration[]): Problem[] {
  const last = migrations.findLast((one) => one.state === 'applied' || one.state === 'missing');
  if (!last) return [];
  const late = migrations.filter((one) => isPending(one) && BigInt(one.version) < BigInt(last.version));
  return late.map((one) => outOfOrderProblem(one as PendingMigration, last.version));
}
