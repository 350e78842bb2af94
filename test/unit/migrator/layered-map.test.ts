import { expect, it } from 'vitest';
import type { CatalogTable } from '../../../src/migrator/effects/catalog-view.ts';
import { emptyTable } from '../../../src/migrator/effects/change-by-create.ts';
import { tableOfIndex } from '../../../src/migrator/effects/index-owners.ts';
import { LayeredMap } from '../../../src/migrator/effects/layered-map.ts';

/** The same numbers in every run. */
function numbers(): (below: number) => number {
  let seed = 42;
  return (below) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
}

const withIndexes = (name: string, ...indexes: string[]): CatalogTable => ({
  ...emptyTable(name, 'table'),
  indexes: indexes.map((one) => ({ name: one, columns: ['a'], unique: false, valid: true })),
});

it('holds after any changes what a Map holds after the same, in the same order, and every older one stays as it was', () => {
  const next = numbers();
  const plain = new Map<string, { readonly at: number }>();
  const versions = [{ layered: LayeredMap.of<{ readonly at: number }>(new Map()), values: [] as { at: number }[] }];
  for (let at = 0; at < 3_000; at += 1) {
    const key = `k${next(120)}`;
    const { layered } = versions.at(-1)!;
    const removes = next(3) === 0;
    if (removes) plain.delete(key);
    else plain.set(key, { at });
    const after = removes ? layered.without(key) : layered.with(key, plain.get(key)!);
    versions.push({ layered: after, values: [...plain.values()] });
    const asked = `k${next(120)}`;
    expect(after.get(asked)).toBe(plain.get(asked));
    expect(after.has(asked)).toBe(plain.has(asked));
  }
  for (const { layered, values } of versions) expect(layered.values()).toEqual(values);
});

it('a table is found by its index as it is now, not as it was', () => {
  const many = Array.from({ length: 40 }, (_, index) => withIndexes(`app.t${index}`, `i${index}`));
  const start = many.reduce((tables, one) => tables.with(one.name, one), LayeredMap.of<CatalogTable>(new Map()));
  const owner = (tables: LayeredMap<CatalogTable>, name: string, schema: string | null = null) =>
    tableOfIndex(tables, { schema, name }, ['other', 'app'])?.name;
  expect([owner(start, 'i3'), owner(start, 'i39'), owner(start, 'i40')]).toEqual(['app.t3', 'app.t39', undefined]);
  const moved = start.with('app.t3', withIndexes('app.t3', 'j')).with('app.t4', withIndexes('app.t4', 'i4', 'i3'));
  expect([owner(moved, 'i3'), owner(moved, 'j'), owner(start, 'i3')]).toEqual(['app.t4', 'app.t3', 'app.t3']);
  const gone = moved.without('app.t4');
  expect(owner(gone, 'i3')).toBeUndefined();
  const twice = start.with('other.t', withIndexes('other.t', 'i3'));
  expect([owner(twice, 'i3'), owner(twice, 'i3', 'app'), owner(twice, 'i3', 'none')]).toEqual([
    'other.t',
    'app.t3',
    undefined,
  ]);
});
