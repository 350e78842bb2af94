/**
 * Brings the ledger in line with files that were edited or removed on purpose: new checksums are recorded, rows of missing
 * files are forgotten, and what the ledger said before is kept in the log. It changes nothing else in the database.
 */
import pg from 'pg';
import { ProblemError } from '../../model/problem.ts';
import type { Disagreement, Repair, RepairOutcome } from '../../model/takeover.ts';
import type { DirectoryContents } from '../files.ts';
import { deleteRowSql, type Ledger, type LedgerRow, readLedger } from '../ledger.ts';
import { ledgerName } from '../ledger-table.ts';
import { editedFiles, planMigrations } from '../plan.ts';
import { fullName } from '../plan-problems.ts';
import { sameVersion } from '../version-order.ts';
import type { Work } from '../work.ts';
import { inLedgerTransaction } from './ledger-transaction.ts';
import { CREATE_REPAIRS, logRepairSql } from './repair-log.ts';

export type RepairRequest =
  /** Nothing is changed. */
  | { readonly kind: 'show' }
  | { readonly kind: 'all' }
  | { readonly kind: 'named'; readonly versions: readonly string[] }
  /** Rows of migrations whose files are gone. */
  | { readonly kind: 'forget'; readonly versions: readonly string[] };

/** Where ledger and files disagree, in order of their versions. */
export function disagreements(contents: DirectoryContents, ledger: Ledger): readonly Disagreement[] {
  const { migrations } = planMigrations(contents.files, ledger.rows);
  const numbered = migrations.flatMap((one): Disagreement[] => {
    if (one.state === 'pending') return [];
    const { row } = one;
    const state = row.finishedAt === null ? 'unfinished' : 'applied';
    const seen = { version: row.version, name: row.name, state } as const;
    if (one.state === 'missing') return [{ ...seen, what: 'missing', paths: [] }];
    const edited = editedFiles(one.file, row);
    const paths = edited.map(
      (direction) => one.file[direction]?.path ?? `${fullName(one.file)} has no mirror any more`,
    );
    return edited.length === 0 ? [] : [{ ...seen, what: 'edited', paths }];
  });
  const gone = ledger.repeatables.filter((row) => !contents.repeatables.some(({ version }) => version === row.version));
  const repeatable = gone.map(({ version, name }) => ({
    version,
    name,
    what: 'missing' as const,
    paths: [],
    state: 'applied' as const,
  }));
  return [...numbered, ...repeatable];
}

/**
 * Under the migrator's lock, in one transaction. Idempotent: what agrees already is left alone.
 * Errors: `migration-unfinished`, `repair-unknown`, `migration-file-present`, `ledger-foreign`.
 */
export async function repair(work: Work, contents: DirectoryContents, request: RepairRequest): Promise<RepairOutcome> {
  return inLedgerTransaction(work, 'repairing the ledger', async (ask) => {
    const ledger = await readLedger(work.session.client, work.ledgerSchema);
    const found = disagreements(contents, ledger);
    const repairs = repairsFor(contents, ledger, { request, found });
    if (repairs.length > 0) await ask([CREATE_REPAIRS, ...repairs.flatMap((one) => repairSql(work, one))].join('\n'));
    const done = new Set(repairs.map(({ version }) => version));
    return { repaired: repairs, left: found.filter(({ version }) => !done.has(version)) };
  });
}

interface Asked {
  readonly request: RepairRequest;
  readonly found: readonly Disagreement[];
}

function repairsFor(contents: DirectoryContents, ledger: Ledger, { request, found }: Asked): Repair[] {
  switch (request.kind) {
    case 'show':
      return [];
    case 'all':
      return found
        .filter(({ what }) => what === 'edited')
        .map((one) => newChecksums(contents, rowOf(ledger, one.version)));
    case 'named': {
      const rows = request.versions.map((version) => rowOf(ledger, version));
      const edited = rows.filter((row) =>
        found.some(({ version, what }) => version === row.version && what === 'edited'),
      );
      for (const row of rows) requireFileOf(contents, row);
      return edited.map((row) => newChecksums(contents, row));
    }
    case 'forget':
      return request.versions.map((version) => forgotten(rowOf(ledger, version), found));
  }
}

/** Errors: `repair-unknown`. */
function rowOf({ rows, repeatables }: Ledger, version: string): LedgerRow {
  const row = [...rows, ...repeatables].find((one) => one.version === version || sameVersion(one.version, version));
  if (row) return row;
  throw new ProblemError({
    code: 'repair-unknown',
    message: `${version} is not in the ledger`,
    found: rows.length === 0 ? 'no row' : `rows from ${rows[0]!.version} to ${rows.at(-1)!.version}`,
    expected: 'the version of a migration that is applied',
    next: 'see which ones differ: `repair`',
  });
}

/** Errors: `repair-unknown`. */
function requireFileOf(contents: DirectoryContents, row: LedgerRow): void {
  if (fileOf(contents, row) || contents.repeatables.some(({ version }) => version === row.version)) return;
  throw new ProblemError({
    code: 'repair-unknown',
    message: `${fullName(row)} has no file whose checksum could be recorded`,
    found: 'its files are not on disk',
    expected: 'an edited file',
    next: `restore the files; or, if they are gone on purpose, \`repair --forget ${row.version}\``,
  });
}

/** Errors: `migration-unfinished`. */
function newChecksums(contents: DirectoryContents, row: LedgerRow): Repair {
  if (row.finishedAt === null) throw unfinished(row);
  const file = fileOf(contents, row)!;
  return {
    version: row.version,
    name: row.name,
    action: 'checksums',
    old: { up: row.upChecksum, down: row.downChecksum },
    now: { up: file.up.checksum, down: file.down?.checksum ?? null },
  };
}

function fileOf({ files }: DirectoryContents, row: LedgerRow) {
  return files.find((file) => sameVersion(file.version, row.version));
}

/** Errors: `migration-unfinished`, `migration-file-present`. */
function forgotten(row: LedgerRow, found: readonly Disagreement[]): Repair {
  if (row.finishedAt === null) throw unfinished(row);
  if (!found.some(({ version, what }) => version === row.version && what === 'missing')) {
    throw new ProblemError({
      code: 'migration-file-present',
      message: `the row of ${fullName(row)} is not forgotten: its file is on disk, and \`migrate\` would apply it again`,
      found: `${fullName(row)} on disk and in the ledger`,
      expected: 'a migration whose files are gone',
      next: 'to take it back, use `rollback`',
    });
  }
  const { version, name, upChecksum: up, downChecksum: down } = row;
  return { version, name, action: 'forget', old: { up, down }, now: null };
}

function unfinished(row: LedgerRow): ProblemError {
  return new ProblemError({
    code: 'migration-unfinished',
    message: `${fullName(row)} is unfinished: its files and its half do not belong together once it is edited`,
    found: `${row.partsDone} of ${row.partsTotal} parts are done, since ${row.startedAt}`,
    expected: 'a migration that is applied',
    next: 'run `rollback` to clear what the unfinished migration left, then `migrate`',
  });
}

function repairSql({ ledgerSchema, owner }: Work, one: Repair): string[] {
  const log = logRepairSql(ledgerSchema, owner.appliedBy, one);
  if (one.now === null) return [log, deleteRowSql(ledgerSchema, one.version)];
  const down = one.now.down === null ? 'null' : pg.escapeLiteral(one.now.down);
  const update = `update ${ledgerName(ledgerSchema)}
   set up_checksum = ${pg.escapeLiteral(one.now.up)}, down_checksum = ${down}
 where version = ${pg.escapeLiteral(one.version)};`;
  return [log, update];
}

/** The same, asked in a read-only session. Errors: `ledger-foreign`. */
export async function disagreementsNow(
  client: pg.Client,
  { ledgerSchema }: { readonly ledgerSchema: string },
  contents: DirectoryContents,
): Promise<readonly Disagreement[]> {
  return disagreements(contents, await readLedger(client, ledgerSchema));
}
