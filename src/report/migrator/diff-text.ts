/** A comparison of two schemas for a terminal: what was compared, a line per difference, then what was left out. */
import type { SchemaDiff } from '../../model/drift.ts';
import { type Palette, PLAIN } from '../palette.ts';
import { oneLine } from '../printable.ts';
import { wrap } from '../wrap.ts';
import { differenceCount, differenceLines, type Sides } from './drift-text.ts';

/** Without a line break at its end. */
export function diffText(diff: SchemaDiff, palette: Palette = PLAIN): string {
  const { before, now, schemas, differences } = diff;
  const what = `schema ${schemas.join(', ')} of ${now}, compared with ${before}`;
  const verdict =
    differences.length === 0 ? palette.green('no difference') : palette.yellow(differenceCount(differences));
  const lines = differenceLines(differences, sidesOf(diff), palette);
  return [
    what,
    ...(lines.length > 0 ? ['', ...lines, ''] : []),
    verdict,
    ...diff.notes.flatMap((note) => wrap(`note: ${oneLine(note)}`, { first: '', rest: '  ' })),
  ].join('\n');
}

function sidesOf({ kind, before, now }: SchemaDiff): Sides {
  return kind === 'ledger' ? { kind: 'files-and-database' } : { kind: 'two', before, now };
}
