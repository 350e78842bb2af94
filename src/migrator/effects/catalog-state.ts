/** The catalog as a value, and the view that answers from it. It is never changed: a change makes a new state. */
import type { ObjectName } from '../statement-kinds.ts';
import { splitName, writtenName } from './catalog-names.ts';
import type { CatalogFunction, CatalogTable, CatalogType, CatalogView } from './catalog-view.ts';
import { builtInVolatility } from './function-volatility.ts';

export interface CatalogState {
  readonly serverVersion: number;
  readonly source: CatalogView['source'];
  readonly searchPath: readonly string[];
  /** By qualified name. */
  readonly tables: ReadonlyMap<string, CatalogTable>;
  /** By qualified name and by the name alone. */
  readonly functions: ReadonlyMap<string, CatalogFunction>;
  readonly types: ReadonlyMap<string, CatalogType>;
}

export function emptyState(serverVersion: number, source: CatalogState['source']): CatalogState {
  const none = { tables: new Map(), functions: new Map(), types: new Map() };
  return { serverVersion, source, searchPath: ['public'], ...none };
}

/** The qualified name under which something is known; undefined where it is not. */
export function findKey(
  known: ReadonlyMap<string, unknown>,
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
  const { serverVersion, source, searchPath } = state;
  const table = (name: ObjectName) => state.tables.get(findKey(state.tables, name, searchPath) ?? '');
  return {
    serverVersion,
    source,
    searchPath,
    state,
    table,
    tablesOf: (schema) => [...state.tables.values()].filter(({ name }) => splitName(name).schema === schema),
    tableOfIndex: (index) => tableOfIndex(state.tables, index, searchPath),
    volatilityOf: (functionName) => state.functions.get(functionName)?.volatility ?? builtInVolatility(functionName),
    type: (name) => state.types.get(findKey(state.types, name, searchPath) ?? ''),
  };
}

/** An index lives in the schema of its table. */
export function tableOfIndex(
  tables: ReadonlyMap<string, CatalogTable>,
  index: ObjectName,
  searchPath: readonly string[],
): CatalogTable | undefined {
  const holders = [...tables.values()].filter(({ indexes }) => indexes.some(({ name }) => name === index.name));
  const schemas = index.schema === null ? ['pg_temp', ...searchPath] : [index.schema];
  return schemas.flatMap((schema) => holders.filter(({ name }) => splitName(name).schema === schema)).at(0);
}

/** For when no database is asked: every table that the plan does not make is there and not known. */
export function filesOnlyView(serverVersion: number): CatalogView {
  return viewOf(emptyState(serverVersion, 'files'));
}
