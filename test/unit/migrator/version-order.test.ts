import { expect, it } from 'vitest';
import { compareVersions, sameVersion, versionKey } from '../../../src/migrator/version-order.ts';

it('versions are ordered by their numbers, however long, and part by part', () => {
  const inOrder = ['0', '1', '1.1', '1.9', '1.10', '2', '009', '10', '20240101000000', '99999999999999999999999'];
  expect([...inOrder].reverse().sort(compareVersions)).toEqual(inOrder);
});

it('zeros before a number and behind the last part make no difference', () => {
  expect(sameVersion('007', '7')).toBe(true);
  expect(sameVersion('1', '1.0')).toBe(true);
  expect(sameVersion('1_2', '01.2.0')).toBe(true);
  expect(sameVersion('10', '1')).toBe(false);
  expect(compareVersions('1.0', '1')).toBe(0);
});

it('names stand for themselves, after all numbers', () => {
  expect(versionKey('R__a_0')).toBe('R__a_0');
  expect(compareVersions('R__a', '999')).toBeGreaterThan(0);
});
