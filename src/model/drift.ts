/** What two catalogs do not have in common, and what became of a schema since the last run: values that renderings start from. */

/** `missing`: before only. `added`: now only. `changed`: on both sides, defined differently. */
export type ObjectChange = 'missing' | 'added' | 'changed';

export interface ObjectDifference {
  readonly change: ObjectChange;
  /** `table`, `column`, `index`, `function` … */
  readonly kind: string;
  /** Qualified and quoted where needed: `communication.messages.edited_at`. */
  readonly id: string;
  /** `communication.messages`, where it belongs to a table; null otherwise. */
  readonly table: string | null;
  /** Its definition on the side of reference; null where it was added. */
  readonly before: string | null;
  /** Null where it is missing. */
  readonly now: string | null;
}

/** Why it cannot be said what changed since the last run. */
export type UnknownDrift =
  /** Nothing is applied. */
  | 'no-ledger'
  /** The last run was by a Drydock that kept no catalog, or keeping it failed. */
  | 'never-kept'
  /** The ledger moved on without keeping it: a run was cut off between two migrations, or is under way. */
  | 'cut-off'
  /** It was kept by another version of Drydock, whose texts cannot be compared. */
  | 'other-version'
  /** Definitions differ, and the server has become another major since, which alone may change its texts. */
  | 'other-server';

/** What was changed by hand since the last migrate or rollback. */
export type Drift =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly why: UnknownDrift }
  | { readonly kind: 'drifted'; readonly differences: readonly ObjectDifference[] };

/** Two schemas compared. `before` is the side of reference. */
export interface SchemaDiff {
  readonly kind: 'ledger' | 'databases';
  /** `user@host:port/database`, or `the files of 9 migrations`. */
  readonly before: string;
  /** `user@host:port/database`. */
  readonly now: string;
  readonly schemas: readonly string[];
  readonly digestBefore: string;
  readonly digestNow: string;
  /** None where they are the same. */
  readonly differences: readonly ObjectDifference[];
  /** What was left out of the comparison, or may mislead; a sentence each. */
  readonly notes: readonly string[];
}

/** A fingerprint with what it is of. */
export interface TakenFingerprint {
  /** `user@host:port/database`. */
  readonly database: string;
  readonly schemas: readonly string[];
  /** Major version of the server. */
  readonly server: number;
  /** sha256 hex over the objects. */
  readonly digest: string;
  /** ISO 8601 in UTC. */
  readonly takenAt: string;
  readonly objects: readonly { readonly kind: string; readonly id: string; readonly definition: string }[];
}
