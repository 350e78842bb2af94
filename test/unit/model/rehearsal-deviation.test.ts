/** What counts as more than was rehearsed, without a database. */
import { expect, test } from 'vitest';
import type { Observed } from '../../../src/model/observed.ts';
import { deviations, slowAfterMs } from '../../../src/model/rehearsal-deviation.ts';

const seen = (more: Partial<Observed>): Observed => ({ locks: [], rewritten: [], alone: 0, ...more });

test('the same locks and rewrites, or fewer, are none', () => {
  const rehearsed = seen({ locks: [{ table: 'a', mode: 'ACCESS EXCLUSIVE' }], rewritten: ['a'] });
  expect(deviations(rehearsed, rehearsed)).toEqual([]);
  expect(deviations(seen({ locks: [{ table: 'a', mode: 'SHARE' }] }), rehearsed)).toEqual([]);
});

test('a stronger lock, a lock on another table and another rewrite are one each', () => {
  const rehearsed = seen({ locks: [{ table: 'a', mode: 'SHARE' }] });
  const live = seen({
    locks: [
      { table: 'a', mode: 'ACCESS EXCLUSIVE' },
      { table: 'b', mode: 'SHARE ROW EXCLUSIVE' },
    ],
    rewritten: ['b'],
  });
  expect(deviations(live, rehearsed)).toEqual([
    'a: ACCESS EXCLUSIVE (blocks reads and writes), rehearsed SHARE',
    'b: SHARE ROW EXCLUSIVE (blocks writes), rehearsed without a lock',
    'b: written anew, which it was not in the rehearsal',
  ]);
});

test('locks of rows that the rehearsal did not have are in nobody’s way', () => {
  const live = seen({
    locks: [
      { table: 'a', mode: 'ROW EXCLUSIVE' },
      { table: 'b', mode: 'ROW SHARE' },
    ],
  });
  expect(deviations(live, seen({}))).toEqual([]);
});

test('what could not be measured is held against nothing', () => {
  const live = seen({ locks: [{ table: 'a', mode: 'ACCESS EXCLUSIVE' }] });
  expect(deviations(live, null)).toEqual([]);
  expect(deviations(null, seen({}))).toEqual([]);
});

test('a step may always take as long as the floor says', () => {
  const policy = { durationFactor: 10, durationFloorMs: 1_000 };
  expect(slowAfterMs({ durationMs: 20 }, policy)).toBe(1_000);
  expect(slowAfterMs({ durationMs: 2_000 }, policy)).toBe(20_000);
});
