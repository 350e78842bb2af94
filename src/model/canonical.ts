/** One text for one value: the ground on which digests stand. Pure; the hashing happens where `node:crypto` may be used. */

/**
 * JSON with keys sorted at every depth and `undefined` members left out, as JSON itself leaves them out.
 * Equal values give equal texts, whatever order their keys were written in.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
