/** What is known of a table after ALTER TABLE. A table that is there stays one that others use, whatever is changed about it. */
import type { AlterTableCmd, AlterTableStmt } from 'libpg-query';
import type { CatalogDraft } from './catalog-draft.ts';
import { nameOf } from './catalog-names.ts';
import type { CatalogTable } from './catalog-view.ts';
import { addChild, isNotNull } from './change-by-create.ts';
import { addConstraint, columnConstraints } from './change-constraints.ts';
import { typeText } from './type-names.ts';

export function changeByAlter(node: AlterTableStmt, draft: CatalogDraft): void {
  const table = draft.table(nameOf(node.relation));
  if (!table || node.objtype === 'OBJECT_INDEX') return;
  for (const command of node.cmds ?? []) {
    if (!('AlterTableCmd' in command)) continue;
    for (const name of [table.name, ...table.partitions]) changeOne(name, command.AlterTableCmd, draft);
    changeFamily(table, command.AlterTableCmd, draft);
  }
}

function changeOne(name: string, command: AlterTableCmd, draft: CatalogDraft): void {
  const table = draft.known(name);
  if (!table) return;
  switch (command.subtype) {
    case 'AT_AddColumn':
      addColumn(table, command, draft);
      return;
    case 'AT_DropColumn':
      dropColumn(table, command.name ?? '', draft);
      return;
    case 'AT_AlterColumnType':
      if (command.def && 'ColumnDef' in command.def) {
        changeColumn(table, command.name, { type: typeText(command.def.ColumnDef.typeName) }, draft);
      }
      return;
    case 'AT_SetNotNull':
      changeColumn(table, command.name, { notNull: true }, draft);
      return;
    case 'AT_DropNotNull':
      changeColumn(table, command.name, { notNull: false }, draft);
      return;
    case 'AT_AddConstraint':
      if (command.def && 'Constraint' in command.def) addConstraint(draft, name, command.def.Constraint);
      return;
    case 'AT_DropConstraint':
      dropConstraint(table, command.name ?? '', draft);
      return;
    case 'AT_ValidateConstraint':
      draft.change(name, {
        constraints: table.constraints.map((one) =>
          one.name === command.name
            ? { ...one, validated: true, definition: one.definition.replace(/ NOT VALID$/, '') }
            : one,
        ),
      });
      return;
    default:
  }
}

function addColumn(table: CatalogTable, { def }: AlterTableCmd, draft: CatalogDraft): void {
  if (!def || !('ColumnDef' in def)) return;
  const { colname = '', typeName } = def.ColumnDef;
  if (table.columns.some(({ name }) => name === colname)) return;
  draft.change(table.name, {
    columns: [...table.columns, { name: colname, type: typeText(typeName), notNull: isNotNull(def) }],
  });
  for (const constraint of columnConstraints(def.ColumnDef)) addConstraint(draft, table.name, constraint);
}

/** What hangs on the column goes with it. */
function dropColumn(table: CatalogTable, column: string, draft: CatalogDraft): void {
  const keys = table.foreignKeys.filter(({ columns }) => columns.includes(column));
  const indexes = table.indexes.filter(({ columns }) => columns.includes(column)).map(({ name }) => name);
  draft.change(table.name, {
    columns: table.columns.filter(({ name }) => name !== column),
    foreignKeys: table.foreignKeys.filter((key) => !keys.includes(key)),
    indexes: table.indexes.filter(({ name }) => !indexes.includes(name)),
    constraints: table.constraints.filter(
      ({ name }) => !indexes.includes(name) && !keys.some((key) => key.name === name),
    ),
  });
  for (const { references } of keys) forget(references, table.name, draft);
}

function dropConstraint(table: CatalogTable, constraint: string, draft: CatalogDraft): void {
  const key = table.foreignKeys.find(({ name }) => name === constraint);
  draft.change(table.name, {
    constraints: table.constraints.filter(({ name }) => name !== constraint),
    foreignKeys: table.foreignKeys.filter(({ name }) => name !== constraint),
    indexes: table.indexes.filter(({ name }) => name !== constraint),
  });
  if (key) forget(key.references, table.name, draft);
}

/** A table that has no foreign key to another any more is not among those that refer to it. */
function forget(referenced: string, referring: string, draft: CatalogDraft): void {
  if (draft.known(referring)?.foreignKeys.some(({ references }) => references === referenced)) return;
  const table = draft.known(referenced);
  if (table) draft.change(referenced, { referencedBy: table.referencedBy.filter((name) => name !== referring) });
}

function changeColumn(
  table: CatalogTable,
  column: string | undefined,
  changes: { readonly type?: string; readonly notNull?: boolean },
  draft: CatalogDraft,
): void {
  draft.change(table.name, {
    columns: table.columns.map((one) => (one.name === column ? { ...one, ...changes } : one)),
  });
}

function changeFamily(table: CatalogTable, { subtype, def }: AlterTableCmd, draft: CatalogDraft): void {
  if (!def || !('PartitionCmd' in def)) return;
  const child = draft.table(nameOf(def.PartitionCmd.name));
  if (!child) return;
  if (subtype === 'AT_AttachPartition') {
    draft.change(child.name, { parent: table.name });
    addChild(table, child.name, draft, def.PartitionCmd.bound?.is_default ? 'default' : 'plain');
  } else {
    draft.change(child.name, { parent: null });
    for (const name of [table.name, ...draft.ancestorsOf(table)]) {
      const above = draft.known(name);
      if (above) draft.change(name, { partitions: above.partitions.filter((one) => one !== child.name) });
    }
    if (table.defaultPartition === child.name) draft.change(table.name, { defaultPartition: null });
  }
}
