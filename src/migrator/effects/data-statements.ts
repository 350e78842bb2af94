/** INSERT, UPDATE, DELETE, MERGE, COPY, LOCK, TRUNCATE and SELECT: what they change, and the tables their foreign keys reach. */
import type {
  CopyStmt,
  DeleteStmt,
  InsertStmt,
  LockStmt,
  MergeStmt,
  Node,
  TruncateStmt,
  UpdateStmt,
  WithClause,
} from 'libpg-query';
import { LOCK_MODES } from '../../model/statement-effects.ts';
import { includesChildren, rangeVars } from './catalog-names.ts';
import type { EffectsDraft, NamedTable } from './effects-draft.ts';
import { cascadeDelete, cascadeUpdate, checkReferenced } from './foreign-key-rows.ts';
import type { Handlers } from './handlers.ts';
import { baseTables, newWalk, readTable, type Scope, walkQuery, walkWith } from './query-walk.ts';

export const DATA_HANDLERS: Handlers = {
  SelectStmt: (node, draft) => {
    draft.say(node.intoClause ? `creates table ${node.intoClause.rel?.relname} from a query` : 'reads');
    runQuery({ SelectStmt: node }, draft);
  },
  InsertStmt: (node, draft) => insert(node, draft),
  UpdateStmt: (node, draft) => update(node, draft),
  DeleteStmt: (node, draft) => remove(node, draft),
  MergeStmt: (node, draft) => merge(node, draft),
  TruncateStmt: truncate,
  CopyStmt: copy,
  LockStmt: lockTables,
};

/** A query with the statements inside its WITH. */
export function runQuery(tree: unknown, draft: EffectsDraft, scope?: Scope, clause?: WithClause): void {
  const walk = newWalk(scope);
  walkQuery(tree, draft, walkWith(clause, draft, walk));
  for (const { node, scope: inner } of walk.nested) handleData(node, draft, inner);
}

/** One of the four, inside of another statement's WITH. */
function handleData(node: Node, draft: EffectsDraft, scope: Scope): void {
  if ('InsertStmt' in node) insert(node.InsertStmt, draft, scope);
  else if ('UpdateStmt' in node) update(node.UpdateStmt, draft, scope);
  else if ('DeleteStmt' in node) remove(node.DeleteStmt, draft, scope);
  else if ('MergeStmt' in node) merge(node.MergeStmt, draft, scope);
}

function insert(node: InsertStmt, draft: EffectsDraft, scope?: Scope): void {
  const { relation, withClause, ...rest } = node;
  const table = draft.named(relation);
  draft.say(`inserts into ${table.name}`);
  runQuery(rest, draft, scope, withClause);
  change(draft, table);
  for (const one of writtenTables(draft, table)) checkReferenced(draft, one, 'all columns');
}

function update(node: UpdateStmt, draft: EffectsDraft, scope?: Scope): void {
  const { relation, withClause, ...rest } = node;
  const table = draft.named(relation);
  draft.say(`updates ${table.name}${node.whereClause ? '' : ', every row'}`);
  runQuery(rest, draft, scope, withClause);
  change(draft, table);
  const columns = (node.targetList ?? []).flatMap((one) => ('ResTarget' in one ? [one.ResTarget.name ?? ''] : []));
  for (const one of writtenTables(draft, table)) {
    checkReferenced(draft, one, columns);
    cascadeUpdate(draft, one, columns);
  }
  loses(draft, table);
}

function remove(node: DeleteStmt, draft: EffectsDraft, scope?: Scope): void {
  const { relation, withClause, ...rest } = node;
  const table = draft.named(relation);
  draft.say(`deletes ${node.whereClause ? '' : 'every row '}from ${table.name}`);
  runQuery(rest, draft, scope, withClause);
  change(draft, table);
  for (const one of writtenTables(draft, table)) cascadeDelete(draft, one);
  loses(draft, table);
}

function merge(node: MergeStmt, draft: EffectsDraft, scope?: Scope): void {
  const { relation, withClause, ...rest } = node;
  const table = draft.named(relation);
  draft.say(`merges into ${table.name}`);
  runQuery(rest, draft, scope, withClause);
  change(draft, table);
  for (const one of writtenTables(draft, table)) {
    checkReferenced(draft, one, 'all columns');
    cascadeDelete(draft, one);
  }
  loses(draft, table);
}

/** The lock, the work, and the triggers of people, which may do what they like. */
function change(draft: EffectsDraft, table: NamedTable): void {
  draft.lock(table, 'ROW EXCLUSIVE');
  for (const one of writtenTables(draft, table)) {
    draft.lockTree(one, 'ROW EXCLUSIVE');
    draft.workTree(one, 'data');
    for (const trigger of one.catalog?.triggers ?? []) draft.opaque(`trigger ${trigger} on ${one.name}`);
  }
}

/** Through a view, the tables below it. */
function writtenTables(draft: EffectsDraft, table: NamedTable): NamedTable[] {
  return table.catalog?.kind === 'view' ? baseTables(draft, table) : [table];
}

function loses(draft: EffectsDraft, table: NamedTable): void {
  if (!table.own) draft.undo('loses data');
}

function truncate({ relations, behavior }: TruncateStmt, draft: EffectsDraft): void {
  const named = rangeVars(relations);
  draft.say(`empties ${named.map((one) => draft.named(one).name).join(', ')}`);
  for (const relation of named) {
    const table = draft.named(relation);
    const all = behavior === 'DROP_CASCADE' ? [table, ...referring(draft, table, new Set([table.name]))] : [table];
    for (const one of all) {
      const because = one === table ? 'named' : 'has a foreign key to it';
      if (includesChildren(relation)) draft.lockTree(one, 'ACCESS EXCLUSIVE', because);
      else draft.lock(one, 'ACCESS EXCLUSIVE', because);
      draft.workTree(one, 'data');
      loses(draft, one);
    }
  }
}

/** Tables that refer to it, and those that refer to them. */
function referring(draft: EffectsDraft, table: NamedTable, seen: Set<string>): NamedTable[] {
  const tables = [table, ...draft.partitionsOf(table)];
  return tables
    .flatMap((one) => one.catalog?.referencedBy ?? [])
    .flatMap((name) => {
      if (seen.has(name)) return [];
      seen.add(name);
      const one = draft.known(name);
      return [one, ...referring(draft, one, seen)];
    });
}

function copy(node: CopyStmt, draft: EffectsDraft): void {
  if (!node.relation) {
    draft.say('copies the result of a query');
    runQuery(node.query, draft);
    return;
  }
  const table = draft.named(node.relation);
  draft.say(`copies ${node.is_from ? 'into' : 'from'} ${table.name}`);
  if (!node.is_from) {
    readTable(draft, table);
    return;
  }
  change(draft, table);
  checkReferenced(draft, table, 'all columns');
}

function lockTables({ relations, mode }: LockStmt, draft: EffectsDraft): void {
  // The parser numbers the modes from 1.
  const lockMode = LOCK_MODES[(mode ?? 8) - 1] ?? 'ACCESS EXCLUSIVE';
  const named = rangeVars(relations);
  draft.say(`locks ${named.map((one) => draft.named(one).name).join(', ')} in ${lockMode} mode`);
  for (const relation of named) {
    const table = draft.named(relation);
    if (includesChildren(relation)) draft.lockTree(table, lockMode);
    else draft.lock(table, lockMode);
    for (const below of baseTables(draft, table)) draft.lockTree(below, lockMode);
  }
}
