/**
 * What is known of the target while statements are looked at one after the other: the catalog as it is, changed by the
 * statements of the same plan that come before. Lint rules and effects ask it; they never ask a database.
 */
import type { ObjectName } from '../statement-kinds.ts';

export interface CatalogColumn {
  readonly name: string;
  /** As format_type prints it: `character varying(20)`. */
  readonly type: string;
  readonly notNull: boolean;
}

export interface CatalogForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** The table it points to: `core.users`. */
  readonly references: string;
}

export interface CatalogIndex {
  readonly name: string;
  /** Key columns in order; expressions as null. */
  readonly columns: readonly (string | null)[];
  readonly unique: boolean;
  readonly valid: boolean;
}

export interface CatalogConstraint {
  readonly name: string;
  readonly kind: 'check' | 'primary key' | 'unique' | 'foreign key' | 'exclude' | 'not null';
  /** As pg_get_constraintdef prints it. */
  readonly definition: string;
  readonly validated: boolean;
}

export interface CatalogTable {
  /** `communication.messages`: qualified, quoted where needed. */
  readonly name: string;
  readonly kind: 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table';
  /** `plan`: a statement earlier in the same plan makes it, so nobody else can see it yet. */
  readonly origin: 'target' | 'plan';
  /** The planner's estimate; null where it was never analysed; 0 for a table made by the plan. */
  readonly rows: number | null;
  readonly bytes: number;
  readonly columns: readonly CatalogColumn[];
  readonly foreignKeys: readonly CatalogForeignKey[];
  readonly indexes: readonly CatalogIndex[];
  readonly constraints: readonly CatalogConstraint[];
  /** Names of its partitions or inheriting children, of all levels. */
  readonly partitions: readonly string[];
  readonly parent: string | null;
  /** Tables with a foreign key to this one. */
  readonly referencedBy: readonly string[];
}

export interface CatalogView {
  /** As `server_version_num`: 150018 is 15.18. */
  readonly serverVersion: number;
  /** `files`: no database was asked, so a table that no file of the plan makes is one that is there and not known. */
  readonly source: 'target' | 'files';
  table(name: ObjectName): CatalogTable | undefined;
  /** The table that an index belongs to. */
  tableOfIndex(index: ObjectName): CatalogTable | undefined;
  /** By the name as written; undefined where it is not known. */
  volatilityOf(functionName: string): 'immutable' | 'stable' | 'volatile' | undefined;
}
