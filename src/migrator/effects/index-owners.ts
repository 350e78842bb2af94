/** Which table an index belongs to. A statement names the index alone, and a plan may name hundreds among hundreds of tables. */
import type { ObjectName } from '../statement-kinds.ts';
import { splitName } from './catalog-names.ts';
import type { CatalogTable } from './catalog-view.ts';
import type { LayeredMap } from './layered-map.ts';

/** An index lives in the schema of its table. */
export function tableOfIndex(
  tables: LayeredMap<CatalogTable>,
  index: ObjectName,
  searchPath: readonly string[],
): CatalogTable | undefined {
  const holders = holdersOf(tables, index.name);
  const schemas = index.schema === null ? ['pg_temp', ...searchPath] : [index.schema];
  return schemas.flatMap((schema) => holders.filter(({ name }) => splitName(name).schema === schema)).at(0);
}

/** In the order of the tables. */
function holdersOf(tables: LayeredMap<CatalogTable>, index: string): CatalogTable[] {
  const holds = ({ indexes }: CatalogTable): boolean => indexes.some(({ name }) => name === index);
  const holders: CatalogTable[] = [];
  for (const table of tables.recent.values()) if (table && holds(table)) holders.push(table);
  for (const key of keysByIndex(tables.base).get(index) ?? []) {
    const table = tables.recent.has(key) ? undefined : tables.base.get(key);
    if (table) holders.push(table);
  }
  return holders.length < 2 ? holders : tables.values().filter(holds);
}

const known = new WeakMap<ReadonlyMap<string, CatalogTable>, ReadonlyMap<string, readonly string[]>>();

/** Made once for the many maps that share a base. */
function keysByIndex(base: ReadonlyMap<string, CatalogTable>): ReadonlyMap<string, readonly string[]> {
  const before = known.get(base);
  if (before) return before;
  const keys = new Map<string, string[]>();
  for (const [key, { indexes }] of base) {
    for (const { name } of indexes) {
      const others = keys.get(name);
      if (others) others.push(key);
      else keys.set(name, [key]);
    }
  }
  known.set(base, keys);
  return keys;
}
