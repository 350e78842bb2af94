/** RENAME, SET SCHEMA and OWNER TO, COMMENT, GRANT and labels: the catalog changes, rows do not. */
import type { CommentStmt, GrantStmt, Node, RenameStmt } from 'libpg-query';
import { nameFromParts, partsOfNode, quoteName, rangeVars, writtenName } from './catalog-names.ts';
import type { EffectsDraft, NamedTable } from './effects-draft.ts';
import type { Handlers } from './handlers.ts';

const AE = 'ACCESS EXCLUSIVE';
const SUE = 'SHARE UPDATE EXCLUSIVE';

export const NAMING_HANDLERS: Handlers = {
  RenameStmt: rename,
  AlterObjectSchemaStmt: (node, draft) => {
    const kind = kindWord(node.objectType);
    if (!node.relation) {
      draft.say(`moves ${kind} ${nameOfObject(node.object)} to schema ${node.newschema}`);
      return;
    }
    const table = draft.named(node.relation);
    draft.say(`moves ${kind} ${table.name} to schema ${quoteName(node.newschema ?? '')}`);
    if (isTable(node.objectType)) draft.lock(table, AE);
  },
  AlterOwnerStmt: (node, draft) =>
    draft.say(`changes the owner of ${kindWord(node.objectType)} ${nameOfObject(node.object)}`),
  CommentStmt: comment,
  SecLabelStmt: (node, draft) => draft.say(`labels ${kindWord(node.objtype)} ${nameOfObject(node.object)}`),
  GrantStmt: grant,
  ReassignOwnedStmt: (_node, draft) => {
    draft.say('gives what a role owns to another');
    draft.opaque('every object of the role');
  },
};

function isTable(kind: string | undefined): boolean {
  return ['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE'].includes(kind ?? '');
}

function kindWord(kind: string | undefined): string {
  const word = (kind ?? 'object').replace('OBJECT_', '').replaceAll('_', ' ').toLowerCase();
  const plain: Readonly<Record<string, string>> = { matview: 'materialized view', tabconstraint: 'constraint' };
  return plain[word] ?? word;
}

function nameOfObject(node: Node | undefined): string {
  return writtenName(nameFromParts(partsOfNode(node)));
}

/** Kinds whose renaming locks the table or view that is named. */
const OF_TABLE = [
  'OBJECT_COLUMN',
  'OBJECT_ATTRIBUTE',
  'OBJECT_TABCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_RULE',
  'OBJECT_POLICY',
];

function rename(node: RenameStmt, draft: EffectsDraft): void {
  const kind = node.renameType;
  const word = kindWord(kind);
  if (!node.relation) {
    draft.say(`renames ${word} ${node.object ? nameOfObject(node.object) : (node.subname ?? '')} to ${node.newname}`);
    return;
  }
  const table = draft.named(node.relation);
  const ofTable = OF_TABLE.includes(kind ?? '') && node.relationType !== 'OBJECT_TYPE';
  const inner = node.subname ? `${quoteName(node.subname)} of ` : '';
  draft.say(`renames ${word} ${inner}${table.name} to ${quoteName(node.newname ?? '')}`);
  if (!ofTable && !isTable(kind)) return;
  if (node.missing_ok && !table.catalog && draft.view.source === 'target') return;
  const reaches = kind === 'OBJECT_COLUMN' || kind === 'OBJECT_TABCONSTRAINT';
  if (reaches || (kind === 'OBJECT_TRIGGER' && renamesOnPartitions(table, draft))) draft.lockTree(table, AE);
  else draft.lock(table, AE);
}

/** Since PostgreSQL 15 the triggers of partitions are renamed with that of their table. */
function renamesOnPartitions({ catalog }: NamedTable, { view }: EffectsDraft): boolean {
  return catalog?.kind === 'partitioned table' && view.serverVersion >= 150_000;
}

function comment({ objtype, object }: CommentStmt, draft: EffectsDraft): void {
  const parts = partsOfNode(object);
  switch (objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE': {
      const table = draft.byName(nameFromParts(parts));
      draft.say(`comments on ${kindWord(objtype)} ${table.name}`);
      draft.lock(table, SUE);
      return;
    }
    case 'OBJECT_COLUMN':
    case 'OBJECT_TABCONSTRAINT':
    case 'OBJECT_TRIGGER':
    case 'OBJECT_POLICY':
    case 'OBJECT_RULE': {
      const table = draft.byName(nameFromParts(parts.slice(0, -1)));
      draft.say(`comments on ${kindWord(objtype)} ${table.name}.${quoteName(parts.at(-1) ?? '')}`);
      draft.lock(table, objtype === 'OBJECT_COLUMN' ? SUE : 'ACCESS SHARE');
      return;
    }
    default:
      draft.say(`comments on ${kindWord(objtype)} ${nameOfObject(object)}`);
  }
}

function grant(node: GrantStmt, draft: EffectsDraft): void {
  const tables = rangeVars(node.objects).map((one) => draft.named(one));
  // Since PostgreSQL 18 tables are locked against being dropped meanwhile.
  if (draft.view.serverVersion >= 180_000) for (const table of tables) draft.lock(table, 'ACCESS SHARE');
  const names = tables.length > 0 ? tables.map(({ name }) => name) : (node.objects ?? []).map(nameOfObject);
  const all = node.targtype === 'ACL_TARGET_ALL_IN_SCHEMA' ? 'all of schema ' : '';
  draft.say(`${node.is_grant ? 'grants' : 'revokes'} privileges on ${all}${names.join(', ')}`);
}
