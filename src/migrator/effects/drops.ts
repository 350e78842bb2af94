/**
 * DROP of anything: what is dropped is locked, and so are the tables that its foreign keys name, its parent, and, with CASCADE,
 * what hangs on it.
 */
import type { DropStmt, Node } from 'libpg-query';
import { nameFromParts, partsOfNode, writtenName } from './catalog-names.ts';
import type { EffectsDraft, NamedTable } from './effects-draft.ts';
import type { Handlers } from './handlers.ts';

const AE = 'ACCESS EXCLUSIVE';

export const DROP_HANDLERS: Handlers = {
  DropStmt: drop,
  DropOwnedStmt: (_node, draft) => {
    draft.say('drops everything that a role owns');
    draft.opaque('every object of the role');
    draft.undo('loses data');
  },
};

function drop(node: DropStmt, draft: EffectsDraft): void {
  const objects = node.objects ?? [];
  const names = objects.map((one) => writtenName(nameFromParts(partsOfNode(one))));
  const what = (node.removeType ?? '').replace('OBJECT_', '').replaceAll('_', ' ').toLowerCase();
  switch (node.removeType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_FOREIGN_TABLE':
      dropTables(node, objects, draft);
      return;
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
      draft.say(`drops ${what === 'matview' ? 'materialized view' : what} ${names.join(', ')}`);
      for (const one of objects) dropView(node, draft, draft.byName(nameFromParts(partsOfNode(one))));
      return;
    case 'OBJECT_INDEX':
      dropIndexes(node, objects, draft);
      return;
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE':
      dropOfTable(node, objects, what, draft);
      return;
    case 'OBJECT_SCHEMA':
      dropSchemas(node, objects, draft);
      return;
    case 'OBJECT_STATISTIC_EXT':
      dropStatistics(objects, draft);
      return;
    default:
      draft.say(`drops ${what} ${names.join(', ')}`);
      if (node.behavior === 'DROP_CASCADE') draft.opaque(`what CASCADE takes along with ${names.join(', ')}`);
      if (node.removeType === 'OBJECT_EXTENSION') draft.opaque(`the objects of extension ${names.join(', ')}`);
  }
}

function dropTables(node: DropStmt, objects: readonly Node[], draft: EffectsDraft): void {
  const tables = objects.map((one) => draft.byName(nameFromParts(partsOfNode(one))));
  const isGone = (one: NamedTable) => node.missing_ok === true && !one.catalog && draft.view.source === 'target';
  draft.say(
    `drops table ${tables.map((one) => (isGone(one) ? `${one.name}, which is not there` : one.name)).join(', ')}`,
  );
  for (const table of tables) if (!isGone(table)) dropTable(node, draft, table);
}

function dropTable(node: Pick<DropStmt, 'behavior'>, draft: EffectsDraft, table: NamedTable): void {
  draft.lockTree(table, AE);
  if (!table.own) draft.undo('loses data');
  for (const one of [table, ...draft.partitionsOf(table)]) {
    for (const key of one.catalog?.foreignKeys ?? []) {
      // What a partition has from its parent hangs on the parent's key.
      if (key.inherited) continue;
      draft.lockTree(draft.known(key.references), AE, 'referenced by a foreign key');
    }
  }
  leavePartitions(draft, table);
  if (node.behavior !== 'DROP_CASCADE') return;
  for (const one of [table, ...draft.partitionsOf(table)]) {
    for (const other of one.catalog?.referencedBy ?? [])
      draft.lockTree(draft.known(other), AE, 'has a foreign key to it');
    lockViewsOn(draft, one);
  }
}

/** Views on it, and views on those. */
export function lockViewsOn(draft: EffectsDraft, table: NamedTable): void {
  for (const view of table.catalog?.readBy ?? [])
    dropView({ behavior: 'DROP_CASCADE' }, draft, draft.known(view), 'cascade');
}

/** A partition that goes changes what its parent and the default one hold. */
function leavePartitions(draft: EffectsDraft, table: NamedTable): void {
  const parent = table.catalog?.parent;
  if (!parent) return;
  const { catalog } = draft.known(parent);
  if (catalog?.kind !== 'partitioned table') return;
  draft.lock(draft.known(parent), AE, 'parent');
  if (catalog.defaultPartition) draft.lock(draft.known(catalog.defaultPartition), AE, 'partition');
}

function dropView(
  node: Pick<DropStmt, 'behavior'>,
  draft: EffectsDraft,
  view: NamedTable,
  because: 'named' | 'cascade' = 'named',
): void {
  draft.lock(view, AE, because);
  if (node.behavior !== 'DROP_CASCADE') return;
  for (const above of view.catalog?.readBy ?? []) dropView(node, draft, draft.known(above), 'cascade');
}

function dropIndexes(node: DropStmt, objects: readonly Node[], draft: EffectsDraft): void {
  const names = objects.map((one) => nameFromParts(partsOfNode(one)));
  draft.say(`drops index ${names.map(writtenName).join(', ')}${node.concurrent ? ' concurrently' : ''}`);
  for (const name of names) {
    const table = draft.view.tableOfIndex(name);
    const mode = node.concurrent ? 'SHARE UPDATE EXCLUSIVE' : AE;
    if (table) draft.lockTree(draft.known(table.name), mode, 'owner of the index');
    else if (!node.missing_ok || draft.view.source === 'files') draft.opaque(`the table of index ${writtenName(name)}`);
  }
}

function dropStatistics(objects: readonly Node[], draft: EffectsDraft): void {
  for (const one of objects) {
    const { name } = nameFromParts(partsOfNode(one));
    draft.say(`drops statistics ${name}`);
    for (const table of draft.view.state.tables.values()) {
      if (table.statistics.includes(name)) draft.lock(draft.known(table.name), 'SHARE UPDATE EXCLUSIVE');
    }
  }
}

/** The name of what is dropped comes last, its table before it. */
function dropOfTable(node: DropStmt, objects: readonly Node[], what: string, draft: EffectsDraft): void {
  for (const one of objects) {
    const parts = partsOfNode(one);
    const table = draft.byName(nameFromParts(parts.slice(0, -1)));
    draft.say(`drops ${what} ${parts.at(-1)} of ${table.name}`);
    if (node.missing_ok && !table.catalog && draft.view.source === 'target') continue;
    const because = node.removeType === 'OBJECT_TRIGGER' ? 'owner of the trigger' : 'named';
    if (table.catalog?.kind === 'partitioned table') draft.lockTree(table, AE, because);
    else draft.lock(table, AE, because);
  }
}

function dropSchemas(node: DropStmt, objects: readonly Node[], draft: EffectsDraft): void {
  for (const one of objects) {
    const schema = partsOfNode(one).at(-1) ?? '';
    draft.say(`drops schema ${schema}${node.behavior === 'DROP_CASCADE' ? ' with all that is in it' : ''}`);
    if (node.behavior !== 'DROP_CASCADE') continue;
    for (const { name, kind } of draft.view.tablesOf(schema)) {
      if (kind === 'view' || kind === 'materialized view') dropView(node, draft, draft.known(name), 'cascade');
      else dropTable(node, draft, draft.known(name));
    }
    if (draft.view.source === 'files') draft.opaque(`what is in schema ${schema}`);
  }
}
