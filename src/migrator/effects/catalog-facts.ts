/** Asks the target what is there of what statements may touch: one round trip, catalogs only. */
import type pg from 'pg';
import type { SqlStatement } from '../sql-statement.ts';
import { askedNames } from './asked-names.ts';
import { CATALOG_FACTS_SQL } from './catalog-facts-sql.ts';

export interface ColumnFact {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly notNull: boolean;
}

export interface IndexFact {
  readonly name: string;
  readonly unique: boolean;
  readonly valid: boolean;
  /** Numbers of columns; null for an expression. */
  readonly columns: readonly (number | null)[];
}

export interface ConstraintFact {
  readonly name: string;
  readonly kind: 'c' | 'p' | 'u' | 'f' | 'x' | 'n';
  readonly definition: string;
  readonly validated: boolean;
  readonly columns: readonly number[] | null;
  readonly references: number | null;
  readonly referenced: readonly number[] | null;
  readonly inherited: boolean;
  readonly onDelete: string;
  readonly onUpdate: string;
}

export interface TableFact {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'f';
  /** The planner's estimate; -1 where there is none. */
  readonly rows: number;
  readonly bytes: number;
  readonly columns: readonly ColumnFact[];
  readonly indexes: readonly IndexFact[];
  readonly constraints: readonly ConstraintFact[];
  readonly parent: number | null;
  readonly children: readonly number[];
  readonly isDefault: boolean;
  readonly reads: readonly number[];
  readonly triggers: readonly string[];
  readonly statistics: readonly string[];
}

export interface CatalogFacts {
  readonly serverVersion: number;
  readonly searchPath: readonly string[];
  readonly tables: readonly TableFact[];
  readonly functions: readonly {
    readonly schema: string;
    readonly name: string;
    readonly volatility: 'i' | 's' | 'v';
    readonly kind: 'f' | 'p' | 'a' | 'w';
  }[];
  readonly types: readonly {
    readonly schema: string;
    readonly name: string;
    readonly kind: 'd' | 'e';
    readonly baseType: string | null;
    readonly constrained: boolean;
  }[];
}

/** How many foreign keys are followed where rows are deleted or changed; a chain that is longer is cut off there. */
const CASCADE_HOPS = 8;

/** The client should be in a read-only transaction. Errors: the driver's own. */
export async function readCatalogFacts(
  client: pg.Client,
  { statements }: { readonly statements: Iterable<Pick<SqlStatement, 'node' | 'body'>> },
): Promise<CatalogFacts> {
  const { relations, functions, types, schemas, searched, reach } = askedNames(statements);
  const { rows } = await client.query<{ facts: CatalogFacts }>(CATALOG_FACTS_SQL, [
    JSON.stringify(relations),
    searched,
    schemas,
    reach === 'cascade' ? CASCADE_HOPS : 1,
    functions,
    JSON.stringify(types),
  ]);
  return rows[0]!.facts;
}
