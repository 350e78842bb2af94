/** The catalog as a value, and the view that answers from it. It is never changed: a change makes a new state. */
import type { ObjectName } from '../statement-kinds.ts';
import { splitName, writtenName } from './catalog-names.ts';
import type { CatalogFunction, CatalogTable, CatalogType, CatalogView, Volatility } from './catalog-view.ts';
import { builtInVolatility } from './function-volatility.ts';
import { tableOfIndex } from './index-owners.ts';
import { LayeredMap } from './layered-map.ts';

export interface CatalogState {
  readonly serverVersion: number;
  readonly source: CatalogView['source'];
  readonly searchPath: readonly string[];
  /** By qualified name. */
  readonly tables: LayeredMap<CatalogTable>;
  /** By qualified name and by the name alone. */
  readonly functions: LayeredMap<CatalogFunction>;
  readonly types: LayeredMap<CatalogType>;
}

export function emptyState(serverVersion: number, source: CatalogState['source']): CatalogState {
  const tables = LayeredMap.of<CatalogTable>(new Map());
  const functions = LayeredMap.of<CatalogFunction>(new Map());
  const types = LayeredMap.of<CatalogType>(new Map());
  return { serverVersion, source, searchPath: ['public'], tables, functions, types };
}

/** The qualified name under which something is known; undefined where it is not. */
export function findKey(
  known: { has(key: string): boolean },
  name: ObjectName,
  searchPath: readonly string[],
): string | undefined {
  const schemas = name.schema === null ? ['pg_temp', ...searchPath] : [name.schema];
  return schemas.map((schema) => writtenName({ schema, name: name.name })).find((key) => known.has(key));
}

/** The name that an object made under `name` gets. */
export function newKey(name: ObjectName, searchPath: readonly string[]): string {
  return writtenName({ schema: name.schema ?? searchPath[0] ?? null, name: name.name });
}

export function viewOf(state: CatalogState): CatalogView {
  return new StateView(state);
}

/** A class, because one is made for every statement: functions of its own for each were a good part of the time. */
class StateView implements CatalogView {
  readonly state: CatalogState;
  readonly serverVersion: number;
  readonly source: CatalogView['source'];
  readonly searchPath: readonly string[];

  constructor(state: CatalogState) {
    this.state = state;
    this.serverVersion = state.serverVersion;
    this.source = state.source;
    this.searchPath = state.searchPath;
  }

  table(name: ObjectName): CatalogTable | undefined {
    const { tables } = this.state;
    return tables.get(findKey(tables, name, this.searchPath) ?? '');
  }

  tablesOf(schema: string): readonly CatalogTable[] {
    return this.state.tables.values().filter(({ name }) => splitName(name).schema === schema);
  }

  tableOfIndex(index: ObjectName): CatalogTable | undefined {
    return tableOfIndex(this.state.tables, index, this.searchPath);
  }

  volatilityOf(functionName: string): Volatility | undefined {
    return this.state.functions.get(functionName)?.volatility ?? builtInVolatility(functionName);
  }

  type(name: ObjectName): CatalogType | undefined {
    const { types } = this.state;
    return types.get(findKey(types, name, this.searchPath) ?? '');
  }
}

/** For when no database is asked: every table that the plan does not make is there and not known. */
export function filesOnlyView(serverVersion: number): CatalogView {
  return viewOf(emptyState(serverVersion, 'files'));
}
