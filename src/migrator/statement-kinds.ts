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

/** A statement that runs alone, and how to find out afterwards what it has done. */
export type LoneWork =
  | {
      readonly kind: 'create-index';
      readonly index: ObjectName;
      readonly table: ObjectName;
      readonly ifNotExists: boolean;
    }
  /** `CREATE INDEX CONCURRENTLY` without a name: a cancelled build could not be found again. */
  | { readonly kind: 'create-nameless-index' }
  | { readonly kind: 'drop-index'; readonly index: ObjectName }
  | { readonly kind: 'detach-partition'; readonly parent: ObjectName; readonly child: ObjectName }
  /** Harmless to run again, or nothing that can be found out. */
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
  return isOtherLone(node) ? { kind: 'other' } : undefined;
}

function indexBuild(statement: IndexStmt): LoneWork {
  if (!statement.idxname) return { kind: 'create-nameless-index' };
  const table = nameOf(statement.relation);
  return {
    kind: 'create-index',
    index: { schema: table.schema, name: statement.idxname },
    table,
    ifNotExists: statement.if_not_exists ?? false,
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

const ALWAYS_ALONE = [
  'AlterSystemStmt',
  'CreatedbStmt',
  'DropdbStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'CreateSubscriptionStmt',
  'DropSubscriptionStmt',
];

function isOtherLone(node: Node): boolean {
  if (ALWAYS_ALONE.includes(kindOf(node))) return true;
  if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd ?? false;
  if ('ClusterStmt' in node) return node.ClusterStmt.relation === undefined;
  if ('ReindexStmt' in node) return isLoneReindex(node.ReindexStmt);
  if ('AlterDatabaseStmt' in node) return hasOption(node.AlterDatabaseStmt.options, 'tablespace');
  if ('AlterSubscriptionStmt' in node) return node.AlterSubscriptionStmt.kind !== 'ALTER_SUBSCRIPTION_OPTIONS';
  return false;
}

function isLoneReindex(statement: ReindexStmt): boolean {
  const oneObject = statement.kind === 'REINDEX_OBJECT_INDEX' || statement.kind === 'REINDEX_OBJECT_TABLE';
  return !oneObject || hasOption(statement.params, 'concurrently');
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
