/** Which version a new migration gets. */
import { describe, expect, it } from 'vitest';
import { versionAfter } from '../../../src/migrator/new-version.ts';

const NOW = new Date('2026-11-22T14:30:55.123Z');

describe('the next version', () => {
  it.each([
    ['the first of a directory', [], '001'],
    ['counted, as wide as the last', ['001', '010', '002'], '011'],
    ['counted, one wider where it has to be', ['998', '999'], '1000'],
    ['counted without zeros', ['9', '8'], '10'],
    ['a day and its count', ['20240101'], '20240102'],
    ['a moment of fourteen digits', ['20240102030405', '20230102030405'], '20261122143055'],
    ['a moment of seventeen digits', ['20240102030405000'], '20261122143055123'],
    ['seconds', ['1700000000'], '1795357855'],
    ['milliseconds', ['1700000000000'], '1795357855123'],
    ['after a clock that was ahead', ['20271122143055'], '20271122143056'],
    ['after one of this very second', ['20261122143055'], '20261122143056'],
  ])('is %s', (_, versions, next) => {
    expect(versionAfter(versions, NOW)).toBe(next);
  });
});
