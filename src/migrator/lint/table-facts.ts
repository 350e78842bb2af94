/** What rules ask about tables: whether others use them already, and how they are named in a sentence. */
import type { CatalogColumn, CatalogTable, CatalogView } from '../effects/catalog-view.ts';
import type { ObjectName } from '../statement-kinds.ts';
import { writtenName } from './names.ts';

/** Not made by the same plan. A table that nothing is known of counts as one that is there. */
export function isThere(view: CatalogView, name: ObjectName): boolean {
  return view.table(name)?.origin !== 'plan';
}

/** `communication.messages (about 1.2 million rows)`; without a number where none is known. */
export function tableWords(view: CatalogView, name: ObjectName): string {
  const table = view.table(name);
  const rows = table?.origin === 'target' ? table.rows : null;
  const shown = table?.name ?? writtenName(name);
  return rows === null || rows < 1 ? shown : `${shown} (about ${rowsText(rows)} rows)`;
}

export function columnOf(table: CatalogTable | undefined, name: string): CatalogColumn | undefined {
  return table?.columns.find((column) => column.name === name);
}

export function isPartitioned(view: CatalogView, name: ObjectName): boolean {
  return view.table(name)?.kind === 'partitioned table';
}

/** `950`, `12,000`, `1.2 million`. */
function rowsText(rows: number): string {
  if (rows >= 1e9) return `${(rows / 1e9).toFixed(1)} billion`;
  if (rows >= 1e6) return `${(rows / 1e6).toFixed(1)} million`;
  return Math.round(rows).toLocaleString('en-US');
}
