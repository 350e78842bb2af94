/** Kinds of catalog objects, counted in words. */

/** `1 index`, `3 policies`. */
export function countOfKind(count: number, kind: string): string {
  return `${count} ${count === 1 ? kind : pluralOf(kind)}`;
}

function pluralOf(kind: string): string {
  if (['statistics', 'default privileges', 'other'].includes(kind)) return kind;
  if (kind === 'index') return 'indexes';
  return kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}
