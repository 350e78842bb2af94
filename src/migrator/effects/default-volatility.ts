/** How volatile a default is: one that is not is computed once and stored in the catalog; a volatile one rewrites the table. */
import type { Node } from 'libpg-query';
import { nameParts } from './catalog-names.ts';
import type { CatalogView, Volatility } from './catalog-view.ts';

/** The worst of the functions that it calls; undefined where one of them is not known. No default is immutable. */
export function volatilityIn(expression: Node | undefined, view: CatalogView): Volatility | undefined {
  const known = functionsIn(expression).map((name) => view.volatilityOf(name));
  if (known.includes('volatile')) return 'volatile';
  if (known.includes(undefined)) return undefined;
  return known.includes('stable') ? 'stable' : 'immutable';
}

/** Names as written, without `pg_catalog`. */
export function functionsIn(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(functionsIn);
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) => {
    const below = functionsIn(value);
    if (key !== 'FuncCall') return below;
    const parts = nameParts((value as { funcname?: Node[] }).funcname);
    return [parts.filter((part, index) => index > 0 || part !== 'pg_catalog').join('.'), ...below];
  });
}
