/** CREATE and REINDEX: with CONCURRENTLY writes go on, without it they wait. Dropping an index is with the other drops. */
import type { IndexStmt, Node, ReindexStmt } from 'libpg-query';
import { includesChildren, nameOf, quoteName, writtenName } from './catalog-names.ts';
import type { EffectsDraft, NamedTable } from './effects-draft.ts';
import type { Handlers } from './handlers.ts';

export const INDEX_HANDLERS: Handlers = { IndexStmt: createIndex, ReindexStmt: reindex };

function createIndex(node: IndexStmt, draft: EffectsDraft): void {
  const table = draft.named(node.relation);
  const name = node.idxname ? ` ${quoteName(node.idxname)}` : '';
  const isThere = node.if_not_exists && table.catalog?.indexes.some((one) => one.name === node.idxname);
  const how = node.concurrent ? ' concurrently' : '';
  draft.say(
    `creates ${node.unique ? 'unique index' : 'index'}${name} on ${table.name}${how}${isThere ? ', which is there' : ''}`,
  );
  const mode = node.concurrent ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
  if (!includesChildren(node.relation) || table.catalog?.kind !== 'partitioned table') draft.lock(table, mode);
  else draft.lockTree(table, mode);
  const declared = table.catalog?.kind === 'partitioned table' && !includesChildren(node.relation);
  if (!isThere && !declared) draft.workTree(onlyItself(table), 'index build');
}

/** Inheriting tables do not get it; partitions do. */
function onlyItself(table: NamedTable): NamedTable {
  const isParent = table.catalog !== undefined && table.catalog.kind !== 'partitioned table';
  return isParent ? { ...table, catalog: undefined } : table;
}

function reindex(node: ReindexStmt, draft: EffectsDraft): void {
  const mode = isConcurrent(node.params) ? 'SHARE UPDATE EXCLUSIVE' : 'SHARE';
  const how = isConcurrent(node.params) ? ' concurrently' : '';
  switch (node.kind) {
    case 'REINDEX_OBJECT_INDEX': {
      const table = draft.view.tableOfIndex(nameOf(node.relation));
      draft.say(`builds index ${writtenName(nameOf(node.relation))} anew${how}`);
      if (table) buildAnew(draft, draft.known(table.name), mode, 'owner of the index');
      return;
    }
    case 'REINDEX_OBJECT_TABLE': {
      const table = draft.named(node.relation);
      draft.say(`builds the indexes of ${table.name} anew${how}`);
      buildAnew(draft, table, mode, 'named');
      return;
    }
    case 'REINDEX_OBJECT_SCHEMA': {
      draft.say(`builds all indexes of schema ${node.name} anew${how}`);
      for (const { name } of draft.view.tablesOf(node.name ?? '')) buildAnew(draft, draft.known(name), mode, 'named');
      return;
    }
    default:
      draft.say(`builds all indexes of the database anew${how}`);
      draft.opaque('every table of the database');
  }
}

function buildAnew(
  draft: EffectsDraft,
  table: NamedTable,
  mode: 'SHARE' | 'SHARE UPDATE EXCLUSIVE',
  because: 'named' | 'owner of the index',
): void {
  if (table.catalog?.kind === 'partitioned table') draft.lockTree(table, mode, because);
  else draft.lock(table, mode, because);
  draft.workTree(
    { ...table, catalog: table.catalog?.kind === 'partitioned table' ? table.catalog : undefined },
    'index build',
  );
}

export function isConcurrent(options: readonly Node[] | undefined): boolean {
  return (options ?? []).some((one) => 'DefElem' in one && one.DefElem.defname === 'concurrently');
}
