/**
 * The tables that a change of rows reaches through foreign keys: rows it refers to are locked against going away, rows that
 * refer to it are checked, changed or deleted.
 */
import type { CatalogForeignKey, ForeignKeyAction } from './catalog-view.ts';
import type { EffectsDraft, NamedTable } from './effects-draft.ts';

/** Rows of the tables that these columns refer to are locked with KEY SHARE. */
export function checkReferenced(
  draft: EffectsDraft,
  table: NamedTable,
  columns: readonly string[] | 'all columns',
): void {
  for (const key of table.catalog?.foreignKeys ?? []) {
    const touched = columns === 'all columns' || key.columns.some((column) => columns.includes(column));
    if (touched) draft.lock(draft.known(key.references), 'ROW SHARE', 'referenced by a foreign key');
  }
}

/** A change of columns that other tables refer to. */
export function cascadeUpdate(draft: EffectsDraft, table: NamedTable, columns: readonly string[]): void {
  for (const { referring, key } of keysTo(draft, table)) {
    if (key.referencedColumns.some((column) => columns.includes(column))) reach(draft, referring, key.onUpdate);
  }
}

export function cascadeDelete(draft: EffectsDraft, table: NamedTable, seen: Set<string> = new Set()): void {
  if (seen.has(table.name)) return;
  seen.add(table.name);
  for (const { referring, key } of keysTo(draft, table)) {
    reach(draft, referring, key.onDelete);
    if (key.onDelete === 'delete rows') cascadeDelete(draft, referring, seen);
  }
}

function reach(draft: EffectsDraft, referring: NamedTable, action: ForeignKeyAction): void {
  const mode = action === 'check' ? 'ROW SHARE' : 'ROW EXCLUSIVE';
  draft.lockTree(referring, mode, 'has a foreign key to it');
  if (action !== 'check') draft.workTree(referring, 'data');
}

function keysTo(draft: EffectsDraft, table: NamedTable): { referring: NamedTable; key: CatalogForeignKey }[] {
  return (table.catalog?.referencedBy ?? []).flatMap((name) => {
    const referring = draft.known(name);
    const keys = referring.catalog?.foreignKeys.filter(({ references }) => references === table.name) ?? [];
    return keys.map((key) => ({ referring, key }));
  });
}
