/** Keeps count of what the ledger says of one migration while it is applied, and gives the SQL that says the next thing. */

import { type CatalogAfter, keepCatalogSql } from './drift/keep-catalog.ts';
import type { MigrationFile } from './files.ts';
import { insertRowSql, type Ledger, type LedgerEntry, type LedgerRow, progressSql } from './ledger.ts';
import { createLedgerSql } from './ledger-table.ts';
import { CLEAN_NEXT_BEGIN } from './script.ts';
import { DRYDOCK_VERSION } from './version.ts';
import type { Work } from './work.ts';

export interface ProgressRecord {
  /** Makes the row with nothing done, and the ledger where there is none; none where the row is there. */
  begin(): readonly string[];
  /** Records one part more, and with the last one ends the file; the row is made where there is none. `elapsedMs` undefined: timed by the transaction. */
  next(elapsedMs?: number): readonly string[];
  /** What `next` gave is committed. */
  done(): void;
}

export interface RecordedMigration {
  readonly file: MigrationFile;
  /** The unfinished row to go on from; null where there is none. */
  readonly row: LedgerRow | null;
  readonly ledger: Ledger['state'];
  /** `keep`: its last part keeps the catalog, too. Default `leave`. */
  readonly catalog?: CatalogAfter;
}

export function progressRecord(
  work: Work,
  { file, row, ledger, catalog }: RecordedMigration,
  partsTotal: number,
): ProgressRecord {
  const schema = work.ledgerSchema;
  const entry = ledgerEntry(work, file, partsTotal);
  let hasRow = row !== null;
  let partsDone = row?.partsDone ?? 0;
  const ending = [...(catalog === 'keep' ? [keepCatalogSql(work)] : []), CLEAN_NEXT_BEGIN];
  const insert = (count: number) => [
    ...(ledger === 'present' ? [] : [createLedgerSql(schema)]),
    insertRowSql(schema, entry, count),
  ];
  return {
    begin: () => {
      if (hasRow) return [];
      hasRow = true;
      return insert(0);
    },
    next: (elapsedMs) => [
      ...(hasRow ? [progressSql(schema, entry, partsDone + 1, elapsedMs)] : insert(partsDone + 1)),
      ...(partsDone + 1 >= partsTotal ? ending : []),
    ],
    done: () => {
      partsDone += 1;
      hasRow = true;
    },
  };
}

/** What the ledger says of a migration of so many parts. */
export function ledgerEntry({ owner }: Work, file: MigrationFile, partsTotal: number): LedgerEntry {
  return {
    version: file.version,
    name: file.name,
    upChecksum: file.up.checksum,
    downChecksum: file.down?.checksum ?? null,
    partsTotal,
    appliedBy: owner.appliedBy,
    runId: owner.runId,
    drydockVersion: DRYDOCK_VERSION,
  };
}
