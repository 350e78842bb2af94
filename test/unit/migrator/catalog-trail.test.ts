/** Catalogs on the way up are given back on the way down. */
import { expect, test } from 'vitest';
import { diffFingerprints, type Objects } from '../../../src/migrator/fingerprint.ts';
import { CatalogTrail } from '../../../src/migrator/rehearsal/catalog-trail.ts';

const print = (objects: Readonly<Record<string, string>>): Objects => ({
  objects: Object.entries(objects).map(([id, definition]) => ({ kind: 'table', id, definition })),
});

test('each is given back as it was, whatever was added, changed or dropped after it', () => {
  const stages = [print({}), print({ a: '1', b: '1' }), print({ a: '2', c: '1' }), print({ b: '1', c: '1' })];
  const trail = new CatalogTrail(stages[0]!);
  for (const stage of stages.slice(1)) trail.push(stage);
  expect(diffFingerprints(stages[3]!, trail.last())).toEqual([]);
  for (const stage of stages.slice(0, 3).reverse()) {
    const back = trail.pop();
    expect(back.objects).toHaveLength(stage.objects.length);
    expect(diffFingerprints(stage, back)).toEqual([]);
  }
  expect(() => trail.pop()).toThrow(RangeError);
});
