/** A fingerprint for a terminal: short and in full, with what it is made of. */
import type { TakenFingerprint } from '../../model/drift.ts';
import { oneLine } from '../printable.ts';
import { wrap } from '../wrap.ts';
import { countOfKind } from './kind-words.ts';

/** So many hex digits are enough to tell schemas apart by eye. */
const SHORT = 12;

/** Without a line break at its end. */
export function fingerprintText(taken: TakenFingerprint, detail: 'counts' | 'every-object'): string {
  const { database, schemas, digest, objects } = taken;
  return [
    `fingerprint ${digest.slice(0, SHORT)} of ${schemas.join(', ')} in ${database}`,
    `sha256 ${digest}`,
    ...wrap(`${objects.length} objects${countsOf(objects)}`, { first: '', rest: '  ' }),
    ...(detail === 'counts' ? [] : ['', ...objects.map((one) => oneLine(`${one.kind} ${one.id}: ${one.definition}`))]),
  ].join('\n');
}

function countsOf(objects: TakenFingerprint['objects']): string {
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts.size === 0 ? '' : `: ${[...counts].map(([kind, count]) => countOfKind(count, kind)).join(', ')}`;
}
