/**
 * The next state of the catalog while one statement is applied to it: what is not changed is shared with the state before.
 * Tables that are there keep their origin; those put in by `create` are the plan's own.
 */
import type { ObjectName } from '../statement-kinds.ts';
import { type CatalogState, findKey, newKey, tableOfIndex } from './catalog-state.ts';
import type { CatalogFunction, CatalogTable, CatalogType } from './catalog-view.ts';

export class CatalogDraft {
  readonly before: CatalogState;
  searchPath: readonly string[];
  private tables: Map<string, CatalogTable> | undefined;
  private functions: Map<string, CatalogFunction> | undefined;
  private types: Map<string, CatalogType> | undefined;

  constructor(before: CatalogState) {
    this.before = before;
    this.searchPath = before.searchPath;
  }

  table(name: ObjectName): CatalogTable | undefined {
    const known = this.tables ?? this.before.tables;
    return known.get(findKey(known, name, this.searchPath) ?? '');
  }

  known(qualified: string): CatalogTable | undefined {
    return (this.tables ?? this.before.tables).get(qualified);
  }

  all(): CatalogTable[] {
    return [...(this.tables ?? this.before.tables).values()];
  }

  tableOfIndex(index: ObjectName): CatalogTable | undefined {
    return tableOfIndex(this.tables ?? this.before.tables, index, this.searchPath);
  }

  type(name: ObjectName): CatalogType | undefined {
    const known = this.types ?? this.before.types;
    return known.get(findKey(known, name, this.searchPath) ?? '');
  }

  nameFor(name: ObjectName): string {
    return newKey(name, this.searchPath);
  }

  put(table: CatalogTable): void {
    this.tables ??= new Map(this.before.tables);
    this.tables.set(table.name, table);
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
    this.tables ??= new Map(this.before.tables);
    this.tables.delete(name);
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
    this.tables = tables;
  }

  putFunction(name: ObjectName, made: CatalogFunction): void {
    this.functions ??= new Map(this.before.functions);
    this.functions.set(name.name, made);
    this.functions.set(`${name.schema ?? this.searchPath[0]}.${name.name}`, made);
  }

  putType(name: ObjectName, made: Omit<CatalogType, 'name'>): void {
    this.types ??= new Map(this.before.types);
    const key = this.nameFor(name);
    this.types.set(key, { name: key, ...made });
  }

  removeType(name: ObjectName): void {
    this.types ??= new Map(this.before.types);
    this.types.delete(findKey(this.types, name, this.searchPath) ?? '');
  }

  finish(): CatalogState {
    const { before, tables, functions, types, searchPath } = this;
    if (!tables && !functions && !types && searchPath === before.searchPath) return before;
    return {
      ...before,
      searchPath,
      tables: tables ?? before.tables,
      functions: functions ?? before.functions,
      types: types ?? before.types,
    };
  }
}
