/**
 * What is known of the target while statements are looked at one after the other: the catalog as it is, changed by the
 * statements of the same plan that come before. Lint rules and effects ask it; they never ask a database.
 */
import type { ObjectName } from '../statement-kinds.ts';
import type { CatalogState } from './catalog-state.ts';

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
  /** Of that table; none where the statement leaves them out and the table is not known. */
  readonly referencedColumns: readonly string[];
  readonly onDelete: ForeignKeyAction;
  readonly onUpdate: ForeignKeyAction;
  /** A partition has it from its parent. */
  readonly inherited: boolean;
}

/** What happens to rows that refer to one that goes; `check` is NO ACTION and RESTRICT. */
export type ForeignKeyAction = 'check' | 'delete rows' | 'change rows';

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
  /** Its default partition. */
  readonly defaultPartition: string | null;
  /** For a view: the relations its query names. */
  readonly reads: readonly string[];
  /** Views and materialized views whose queries name it. */
  readonly readBy: readonly string[];
  /** Names of triggers that people made. */
  readonly triggers: readonly string[];
  /** Names of its extended statistics, without their schema. */
  readonly statistics: readonly string[];
}

export type Volatility = 'immutable' | 'stable' | 'volatile';

export interface CatalogFunction {
  /** Of several with one name, the worst. */
  readonly volatility: Volatility;
  /** `server`: it came with PostgreSQL, and touches no tables of users. */
  readonly madeBy: 'server' | 'user';
}

/** A type that somebody made; a base type is not here. */
export interface CatalogType {
  readonly name: string;
  readonly kind: 'domain' | 'enum' | 'other';
  /** A domain with a CHECK or NOT NULL: columns of it are checked row by row. */
  readonly constrained: boolean;
  /** Of a domain, as format_type prints it. */
  readonly baseType: string | null;
}

export interface CatalogView {
  /** As `server_version_num`: 150018 is 15.18. */
  readonly serverVersion: number;
  /** `files`: no database was asked, so a table that no file of the plan makes is one that is there and not known. */
  readonly source: 'target' | 'files';
  /** Where names without a schema are looked up. */
  readonly searchPath: readonly string[];
  /** What the view answers from, for whoever derives the next view from this one. */
  readonly state: CatalogState;
  table(name: ObjectName): CatalogTable | undefined;
  /** Every table of the schema that is known. */
  tablesOf(schema: string): readonly CatalogTable[];
  /** The table that an index belongs to. */
  tableOfIndex(index: ObjectName): CatalogTable | undefined;
  /** By the name as written; undefined where it is not known. */
  volatilityOf(functionName: string): Volatility | undefined;
  type(name: ObjectName): CatalogType | undefined;
}
