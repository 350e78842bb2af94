/**
 * The next state of the catalog while one statement is applied to it: what is not changed is shared with the state before.
 * Tables that are there keep their origin; those put in by `create` are the plan's own.
 */
import type { ObjectName } from '../statement-kinds.ts';
import { type CatalogState, findKey, newKey } from './catalog-state.ts';
import type { CatalogFunction, CatalogTable, CatalogType } from './catalog-view.ts';
import { tableOfIndex } from './index-owners.ts';
import { LayeredMap } from './layered-map.ts';

export class CatalogDraft {
  readonly before: CatalogState;
  searchPath: readonly string[];
  private tables: LayeredMap<CatalogTable>;
  private functions: LayeredMap<CatalogFunction>;
  private types: LayeredMap<CatalogType>;

  constructor(before: CatalogState) {
    this.before = before;
    this.searchPath = before.searchPath;
    this.tables = before.tables;
    this.functions = before.functions;
    this.types = before.types;
  }

  table(name: ObjectName): CatalogTable | undefined {
    return this.tables.get(findKey(this.tables, name, this.searchPath) ?? '');
  }

  known(qualified: string): CatalogTable | undefined {
    return this.tables.get(qualified);
  }

  all(): CatalogTable[] {
    return this.tables.values();
  }

  tableOfIndex(index: ObjectName): CatalogTable | undefined {
    return tableOfIndex(this.tables, index, this.searchPath);
  }

  type(name: ObjectName): CatalogType | undefined {
    return this.types.get(findKey(this.types, name, this.searchPath) ?? '');
  }

  nameFor(name: ObjectName): string {
    return newKey(name, this.searchPath);
  }

  put(table: CatalogTable): void {
    this.tables = this.tables.with(table.name, table);
  }

  /** Changes a table that is known; nothing for one that is not. */
  change(name: string, changes: Partial<CatalogTable>): void {
    const table = this.known(name);
    if (table) this.put({ ...table, ...changes });
  }

  /** The table is gone, and so is what others know of it. */
  remove(name: string): void {
    const gone = this.known(name);
    if (!gone) return;
    this.tables = this.tables.without(name);
    const without = (names: readonly string[]) => names.filter((one) => one !== name);
    const neighbours = [
      ...gone.referencedBy,
      ...gone.foreignKeys.map((key) => key.references),
      ...gone.reads,
      ...gone.readBy,
    ];
    for (const other of new Set([...neighbours, ...this.ancestorsOf(gone)])) {
      const table = this.known(other);
      if (!table) continue;
      this.put({
        ...table,
        foreignKeys: table.foreignKeys.filter((key) => key.references !== name),
        referencedBy: without(table.referencedBy),
        partitions: without(table.partitions),
        reads: without(table.reads),
        readBy: without(table.readBy),
        defaultPartition: table.defaultPartition === name ? null : table.defaultPartition,
      });
    }
    for (const child of gone.partitions) this.remove(child);
  }

  /** Its parent, and the parents of that. */
  ancestorsOf(table: CatalogTable): string[] {
    if (table.parent === null) return [];
    const parent = this.known(table.parent);
    return [table.parent, ...(parent ? this.ancestorsOf(parent) : [])];
  }

  /** Under a new name, everywhere where it is named. */
  rename(from: string, to: string): void {
    const table = this.known(from);
    if (!table || from === to) return;
    const tables = new Map<string, CatalogTable>();
    const renamed = (name: string) => (name === from ? to : name);
    for (const one of this.all()) {
      if (!names(one, from)) {
        tables.set(one.name, one);
        continue;
      }
      tables.set(renamed(one.name), {
        ...one,
        name: renamed(one.name),
        foreignKeys: one.foreignKeys.map((key) => ({ ...key, references: renamed(key.references) })),
        partitions: one.partitions.map(renamed),
        referencedBy: one.referencedBy.map(renamed),
        reads: one.reads.map(renamed),
        readBy: one.readBy.map(renamed),
        parent: one.parent === null ? null : renamed(one.parent),
        defaultPartition: one.defaultPartition === null ? null : renamed(one.defaultPartition),
      });
    }
    this.tables = LayeredMap.of(tables);
  }

  putFunction(name: ObjectName, made: CatalogFunction): void {
    const qualified = `${name.schema ?? this.searchPath[0]}.${name.name}`;
    this.functions = this.functions.with(name.name, made).with(qualified, made);
  }

  putType(name: ObjectName, made: Omit<CatalogType, 'name'>): void {
    const key = this.nameFor(name);
    this.types = this.types.with(key, { name: key, ...made });
  }

  removeType(name: ObjectName): void {
    this.types = this.types.without(findKey(this.types, name, this.searchPath) ?? '');
  }

  finish(): CatalogState {
    const { before, tables, functions, types, searchPath } = this;
    const same = tables === before.tables && functions === before.functions && types === before.types;
    return same && searchPath === before.searchPath ? before : { ...before, searchPath, tables, functions, types };
  }
}

function names(table: CatalogTable, name: string): boolean {
  const { partitions, referencedBy, reads, readBy, parent, defaultPartition, foreignKeys } = table;
  const others = [partitions, referencedBy, reads, readBy, [table.name, parent, defaultPartition]];
  return others.some((list) => list.includes(name as never)) || foreignKeys.some((key) => key.references === name);
}
