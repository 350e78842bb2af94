/** What was done, or would be, for a database that comes from elsewhere: values that renderings start from. All JSON-safe. */

/** A tool's history as ledger rows. */
export interface ImportOutcome {
  /** `already-imported`: the ledger has what an import recorded, and nothing was done. */
  readonly outcome: 'imported' | 'would-import' | 'already-imported';
  /** `goose`. */
  readonly tool: string;
  /** The table that was read: `public.goose_db_version`; null where it was imported before. */
  readonly table: string | null;
  /** Its new name, where it stood in the ledger's place: `public.schema_migrations_before_drydock`. */
  readonly renamedTo: string | null;
  /** Where the ledger is: `public.schema_migrations`. */
  readonly ledger: string;
  /** In order of their versions. */
  readonly recorded: readonly ImportedMigration[];
  /** `007_recipients`, in order: what `migrate` applies next. */
  readonly pending: readonly string[];
}

export interface ImportedMigration {
  readonly version: string;
  readonly name: string;
  /** ISO 8601 in UTC; null where the tool does not keep it. */
  readonly appliedAt: string | null;
  /** Whether the tool's own checksum says that the file is the one it applied. */
  readonly checksum: 'matches' | 'differs' | 'not-kept';
}

/** Everything up to a version, recorded without being run. */
export interface BaselineOutcome {
  /** `already-recorded`: the ledger has this baseline, and nothing was done. */
  readonly outcome: 'recorded' | 'would-record' | 'already-recorded';
  /** Where the ledger is: `public.schema_migrations`. */
  readonly ledger: string;
  /** In order of their versions. */
  readonly recorded: readonly { readonly version: string; readonly name: string }[];
  /** `007_recipients`, in order: what `migrate` applies next. */
  readonly pending: readonly string[];
  /** Whether the files were run elsewhere and gave the schema that the database has. */
  readonly proof: 'same-schema' | 'not-asked';
}

/** sha256 hex; `down` null where there is no mirror. */
export interface Checksums {
  readonly up: string;
  readonly down: string | null;
}

export interface Repair {
  readonly version: string;
  readonly name: string;
  readonly action: 'checksums' | 'forget';
  /** As the ledger had them. */
  readonly old: Checksums;
  /** As it has them now; null where the row was removed. */
  readonly now: Checksums | null;
}

/** What files and ledger disagree about. */
export interface Disagreement {
  readonly version: string;
  readonly name: string;
  readonly what: 'edited' | 'missing';
  /** Which files were edited, relative to the checkout. */
  readonly paths: readonly string[];
  readonly state: 'applied' | 'unfinished';
}

export interface RepairOutcome {
  readonly repaired: readonly Repair[];
  /** What is left after it. */
  readonly left: readonly Disagreement[];
}
