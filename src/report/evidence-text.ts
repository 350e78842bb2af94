/** Measured facts in a line. */
import type { Evidence } from '../model/outcome.ts';
import { oneLine } from './printable.ts';

/** `slowest replica: 0.4 s (limit 5 s)`. */
export function evidenceText({ name, value, limit }: Evidence): string {
  return oneLine(`${name}: ${value}${limit === undefined ? '' : ` (limit ${limit})`}`);
}
