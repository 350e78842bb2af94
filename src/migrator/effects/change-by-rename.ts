/** What is known of the catalog after RENAME and SET SCHEMA. */
import type { AlterObjectSchemaStmt, RenameStmt } from 'libpg-query';
import type { CatalogDraft } from './catalog-draft.ts';
import { nameOf, splitName, writtenName } from './catalog-names.ts';
import type { CatalogTable } from './catalog-view.ts';

export function changeByRename(node: RenameStmt, draft: CatalogDraft): void {
  const name = nameOf(node.relation);
  const to = node.newname ?? '';
  const table = draft.table(name);
  switch (node.renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE':
      if (table) draft.rename(table.name, writtenName({ schema: splitName(table.name).schema, name: to }));
      return;
    case 'OBJECT_INDEX': {
      const owner = draft.tableOfIndex(name);
      if (owner) draft.change(owner.name, renamedIn(owner, 'indexes', name.name, to));
      return;
    }
    case 'OBJECT_COLUMN':
      for (const one of table ? [table.name, ...table.partitions] : [])
        renameColumn(draft, one, node.subname ?? '', to);
      return;
    case 'OBJECT_TABCONSTRAINT':
      if (!table) return;
      draft.change(table.name, {
        ...renamedIn(table, 'indexes', node.subname ?? '', to),
        ...renamedIn(table, 'constraints', node.subname ?? '', to),
        ...renamedIn(table, 'foreignKeys', node.subname ?? '', to),
      });
      return;
    case 'OBJECT_TRIGGER':
      if (table) draft.change(table.name, { triggers: table.triggers.map((one) => (one === node.subname ? to : one)) });
      return;
    default:
  }
}

function renamedIn(
  table: CatalogTable,
  list: 'indexes' | 'constraints' | 'foreignKeys',
  from: string,
  to: string,
): Partial<CatalogTable> {
  const rename = <Item extends { readonly name: string }>(items: readonly Item[]): Item[] =>
    items.map((one) => (one.name === from ? { ...one, name: to } : one));
  if (list === 'indexes') return { indexes: rename(table.indexes) };
  return list === 'constraints'
    ? { constraints: rename(table.constraints) }
    : { foreignKeys: rename(table.foreignKeys) };
}

function renameColumn(draft: CatalogDraft, name: string, from: string, to: string): void {
  const table = draft.known(name);
  if (!table) return;
  const renamed = <Name extends string | null>(column: Name) => (column === from ? to : column);
  draft.change(name, {
    columns: table.columns.map((one) => ({ ...one, name: renamed(one.name) })),
    foreignKeys: table.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(renamed) })),
    indexes: table.indexes.map((index) => ({ ...index, columns: index.columns.map(renamed) })),
  });
}

export function changeBySchema(node: AlterObjectSchemaStmt, draft: CatalogDraft): void {
  const table = node.relation && draft.table(nameOf(node.relation));
  if (!table) return;
  const { name } = splitName(table.name);
  draft.rename(table.name, writtenName({ schema: node.newschema ?? null, name }));
}
