/**
 * What PostgreSQL lets no transaction hold, and what such a statement works on, read from the parse tree. Source: the calls of
 * PreventInTransactionBlock in the server, by the commands' reference pages. It sees one statement and no database.
 */
import type { AlterTableStmt, DropStmt, IndexStmt, Node, RangeVar, ReindexStmt } from 'libpg-query';

/** A name as written; without a schema it is looked up by search_path. */
export interface ObjectName {
  readonly schema: string | null;
  readonly name: string;
}

/** What tells one index of a name from another. */
export interface IndexShape {
  readonly unique: boolean;
  readonly method: string;
  /** Key columns in order; expressions as null. */
  readonly columns: readonly (string | null)[];
  readonly include: readonly string[];
  readonly predicate: 'none' | 'some';
}

/** A statement that runs alone, and how to find out afterwards what it has done. */
export type LoneWork =
  | {
      readonly kind: 'create-index';
      readonly index: ObjectName;
      readonly table: ObjectName;
      readonly ifNotExists: boolean;
      readonly shape: IndexShape;
    }
  /** `CREATE INDEX CONCURRENTLY` without a name: a cancelled build could not be found again. */
  | { readonly kind: 'create-nameless-index' }
  | { readonly kind: 'drop-index'; readonly index: ObjectName }
  | { readonly kind: 'detach-partition'; readonly parent: ObjectName; readonly child: ObjectName }
  /** `of` null: a schema, a database or the system tables. */
  | {
      readonly kind: 'reindex';
      readonly concurrently: 'yes' | 'no';
      readonly of: 'index' | 'table' | null;
      readonly name: ObjectName | null;
    }
  /** An object outside of every schema: whether it is there says whether the statement was done. */
  | {
      readonly kind: 'global-object';
      readonly does: 'create' | 'drop';
      readonly object: 'database' | 'tablespace' | 'subscription';
      readonly name: string;
    }
  /** CALL or DO in a file that asks for no transaction: it may commit by itself, and what it has done cannot be found out. */
  | { readonly kind: 'block' }
  /** Harmless to run again. */
  | { readonly kind: 'other' };

/** The name of the parse node: `CreateStmt`. */
export function kindOf(node: Node): string {
  return Object.keys(node)[0] ?? 'nothing';
}

/** What a statement does that cannot be in a transaction; undefined for all that can. */
export function loneWorkOf(node: Node): LoneWork | undefined {
  if ('IndexStmt' in node) return node.IndexStmt.concurrent ? indexBuild(node.IndexStmt) : undefined;
  if ('DropStmt' in node) return node.DropStmt.concurrent ? indexDrop(node.DropStmt) : undefined;
  if ('AlterTableStmt' in node) return partitionDetach(node.AlterTableStmt);
  if ('ReindexStmt' in node) return reindex(node.ReindexStmt);
  return globalObject(node) ?? (isOtherLone(node) ? { kind: 'other' } : undefined);
}

function indexBuild(statement: IndexStmt): LoneWork {
  if (!statement.idxname) return { kind: 'create-nameless-index' };
  const table = nameOf(statement.relation);
  return {
    kind: 'create-index',
    index: { schema: table.schema, name: statement.idxname },
    table,
    ifNotExists: statement.if_not_exists ?? false,
    shape: shapeOf(statement),
  };
}

function shapeOf(statement: IndexStmt): IndexShape {
  const columns = (nodes: readonly Node[] | undefined) =>
    (nodes ?? []).map((one) => ('IndexElem' in one ? (one.IndexElem.name ?? null) : null));
  return {
    unique: statement.unique ?? false,
    method: statement.accessMethod ?? 'btree',
    columns: columns(statement.indexParams),
    include: columns(statement.indexIncludingParams).filter((name) => name !== null),
    predicate: statement.whereClause ? 'some' : 'none',
  };
}

function indexDrop(statement: DropStmt): LoneWork {
  // The server takes one name only with CONCURRENTLY.
  const index = objectNames(statement)[0];
  return index ? { kind: 'drop-index', index } : { kind: 'other' };
}

function partitionDetach(statement: AlterTableStmt): LoneWork | undefined {
  for (const command of statement.cmds ?? []) {
    const definition = 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
    if (definition && 'PartitionCmd' in definition && definition.PartitionCmd.concurrent) {
      const child = nameOf(definition.PartitionCmd.name);
      return { kind: 'detach-partition', parent: nameOf(statement.relation), child };
    }
  }
  return undefined;
}

function isOtherLone(node: Node): boolean {
  if ('AlterSystemStmt' in node) return true;
  if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd ?? false;
  if ('ClusterStmt' in node) return node.ClusterStmt.relation === undefined;
  if ('AlterDatabaseStmt' in node) return hasOption(node.AlterDatabaseStmt.options, 'tablespace');
  if ('AlterSubscriptionStmt' in node) return node.AlterSubscriptionStmt.kind !== 'ALTER_SUBSCRIPTION_OPTIONS';
  return false;
}

function globalObject(node: Node): LoneWork | undefined {
  const made = (
    object: 'database' | 'tablespace' | 'subscription',
    name: string | undefined,
    does: 'create' | 'drop',
  ) => ({ kind: 'global-object', does, object, name: name ?? '' }) as const;
  if ('CreatedbStmt' in node) return made('database', node.CreatedbStmt.dbname, 'create');
  if ('DropdbStmt' in node) return made('database', node.DropdbStmt.dbname, 'drop');
  if ('CreateTableSpaceStmt' in node) return made('tablespace', node.CreateTableSpaceStmt.tablespacename, 'create');
  if ('DropTableSpaceStmt' in node) return made('tablespace', node.DropTableSpaceStmt.tablespacename, 'drop');
  if ('CreateSubscriptionStmt' in node) return made('subscription', node.CreateSubscriptionStmt.subname, 'create');
  if ('DropSubscriptionStmt' in node) return made('subscription', node.DropSubscriptionStmt.subname, 'drop');
  return undefined;
}

function reindex(statement: ReindexStmt): LoneWork | undefined {
  const of = { REINDEX_OBJECT_INDEX: 'index', REINDEX_OBJECT_TABLE: 'table' } as const;
  const found = of[statement.kind as keyof typeof of] ?? null;
  const concurrently = hasOption(statement.params, 'concurrently') ? 'yes' : 'no';
  if (found !== null && concurrently === 'no') return undefined;
  return { kind: 'reindex', concurrently, of: found, name: found === null ? null : nameOf(statement.relation) };
}

function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((option) => 'DefElem' in option && option.DefElem.defname === name);
}

/** The objects that a DROP names. */
export function objectNames(statement: DropStmt): ObjectName[] {
  return (statement.objects ?? []).flatMap((object) => {
    const items = 'List' in object ? (object.List.items ?? []) : [object];
    const parts = items.flatMap((item) => ('String' in item ? [item.String.sval ?? ''] : []));
    return parts.length === 0 ? [] : [{ schema: parts.at(-2) ?? null, name: parts.at(-1)! }];
  });
}

export function nameOf(relation: RangeVar | undefined): ObjectName {
  return { schema: relation?.schemaname ?? null, name: relation?.relname ?? '' };
}
