/** Rows and bytes of a table in a few characters, for people: these are estimates, so no digit more than they are worth. */
import type { TouchedTable } from './statement-effects.ts';

/** `1.2 M rows, 340 MB`; `rows unknown, 16 kB` where it was never analysed. */
export function tableSize({ rows, bytes }: TouchedTable): string {
  return `${rows === null ? 'rows unknown' : `${shortNumber(rows)} ${rows === 1 ? 'row' : 'rows'}`}, ${shortBytes(bytes)}`;
}

function shortNumber(amount: number): string {
  const units: readonly (readonly [number, string])[] = [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e4, ' k'],
  ];
  const [size, unit] = units.find(([least]) => amount >= least) ?? [1, ''];
  const divisor = unit === ' k' ? 1e3 : size;
  return `${rounded(amount / divisor)}${unit}`;
}

/** `16 kB`, `1.2 GB`. */
export function shortBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return `${rounded(bytes / 1024 ** power)} ${units[power]}`;
}

/** One digit behind the point below ten, none above. */
function rounded(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}
