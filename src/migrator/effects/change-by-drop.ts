/** What is known of the catalog after DROP. */
import type { DropStmt } from 'libpg-query';
import type { CatalogDraft } from './catalog-draft.ts';
import { nameFromParts, partsOfNode, splitName } from './catalog-names.ts';

export function changeByDrop(node: DropStmt, draft: CatalogDraft): void {
  for (const object of node.objects ?? []) {
    const parts = partsOfNode(object);
    const name = nameFromParts(parts);
    switch (node.removeType) {
      case 'OBJECT_TABLE':
      case 'OBJECT_FOREIGN_TABLE':
      case 'OBJECT_VIEW':
      case 'OBJECT_MATVIEW':
        dropRelation(draft, draft.table(name)?.name, node.behavior === 'DROP_CASCADE' ? 'cascade' : 'alone');
        break;
      case 'OBJECT_INDEX': {
        const table = draft.tableOfIndex(name);
        if (table) draft.change(table.name, { indexes: table.indexes.filter((one) => one.name !== name.name) });
        break;
      }
      case 'OBJECT_TRIGGER': {
        const table = draft.table(nameFromParts(parts.slice(0, -1)));
        if (table) draft.change(table.name, { triggers: table.triggers.filter((one) => one !== parts.at(-1)) });
        break;
      }
      case 'OBJECT_SCHEMA':
        for (const { name: one } of draft.all()) if (splitName(one).schema === name.name) draft.remove(one);
        break;
      case 'OBJECT_TYPE':
      case 'OBJECT_DOMAIN':
        draft.removeType(name);
        break;
      default:
    }
  }
}

/** With CASCADE the views on it go as well. */
function dropRelation(draft: CatalogDraft, name: string | undefined, how: 'alone' | 'cascade'): void {
  const table = name === undefined ? undefined : draft.known(name);
  if (!table) return;
  if (how === 'cascade') for (const view of table.readBy) dropRelation(draft, view, how);
  draft.remove(table.name);
}
