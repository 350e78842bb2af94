/**
 * CREATE TABLE: nobody sees the new table, but those that its foreign keys, its parent and its LIKE name are there, and are
 * locked.
 */
import type { Constraint, CreateStmt, CreateTableAsStmt, Node } from 'libpg-query';
import { nameOf, rangeVars, splitName } from './catalog-names.ts';
import { newKey } from './catalog-state.ts';
import { runQuery } from './data-statements.ts';
import type { EffectsDraft, NamedTable } from './effects-draft.ts';
import type { Handlers } from './handlers.ts';

export const CREATE_HANDLERS: Handlers = {
  CreateStmt: createTable,
  CreateForeignTableStmt: (node, draft) => {
    if (node.base) createTable(node.base, draft);
  },
  CreateTableAsStmt: createTableAs,
};

function createTable(node: CreateStmt, draft: EffectsDraft): void {
  const table = draft.named(node.relation);
  const isThere = node.if_not_exists && table.catalog !== undefined;
  draft.say(`creates ${node.partbound ? 'partition' : 'table'} ${table.name}${isThere ? ', which is there' : ''}`);
  if (isThere) return;
  for (const relation of rangeVars(node.inhRelations)) {
    const parent = draft.named(relation);
    draft.lock(parent, node.partbound ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE', 'parent');
    if (node.partbound) joinPartitions(draft, parent);
  }
  for (const element of node.tableElts ?? []) {
    if ('TableLikeClause' in element) draft.lock(draft.named(element.TableLikeClause.relation), 'ACCESS SHARE');
    for (const key of foreignKeysIn(element))
      lockReferenced(draft, draft.named(key.pktable), newKey(nameOf(node.relation), draft.view.searchPath));
  }
}

/** What a new partition inherits: foreign keys, and the rows that the default one may hold for it. */
function joinPartitions(draft: EffectsDraft, parent: NamedTable): void {
  for (const key of parent.catalog?.foreignKeys ?? []) lockReferenced(draft, draft.known(key.references), null);
  const fallback = parent.catalog?.defaultPartition;
  if (!fallback) return;
  draft.lockTree(draft.known(fallback), 'ACCESS EXCLUSIVE', 'partition');
  draft.workTree(draft.known(fallback), 'scan');
}

/** A foreign key makes triggers on the table that it names. */
export function lockReferenced(draft: EffectsDraft, referenced: NamedTable, self: string | null): void {
  if (!referenced.catalog && newKey(splitName(referenced.name), draft.view.searchPath) === self) return;
  draft.lockTree(referenced, 'SHARE ROW EXCLUSIVE', 'referenced by a foreign key');
}

/** Those of a table or of one of its columns. */
export function foreignKeysIn(element: Node): Constraint[] {
  const constraints =
    'ColumnDef' in element ? (element.ColumnDef.constraints ?? []) : 'Constraint' in element ? [element] : [];
  return constraints.flatMap((one) =>
    'Constraint' in one && one.Constraint.contype === 'CONSTR_FOREIGN' ? [one.Constraint] : [],
  );
}

function createTableAs(node: CreateTableAsStmt, draft: EffectsDraft): void {
  const table = draft.named(node.into?.rel);
  const kind = node.objtype === 'OBJECT_MATVIEW' ? 'materialized view' : 'table';
  const isThere = node.if_not_exists && table.catalog !== undefined;
  draft.say(`creates ${kind} ${table.name} from a query${isThere ? ', which is there' : ''}`);
  if (!isThere) runQuery(node.query, draft);
}
