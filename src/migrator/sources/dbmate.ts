/** dbmate: one file, `-- migrate:up` and `-- migrate:down`, each with `transaction:false` behind it where it needs none. */
import { skipToStatement } from '../skip-comments.ts';
import type { SourceFormat } from './format.ts';
import { anyHas, readNumbered } from './numbered-files.ts';
import { type Cut, type Marker, markersIn, type Section } from './sections.ts';

const MARKER = /^--[ \t]*migrate:(up|down)\b(.*)$/gm;

export const dbmate: SourceFormat = {
  name: 'dbmate',
  layout: 'NNN_name.sql with "-- migrate:up" and "-- migrate:down"',
  recognises: (listing) => anyHas(listing, /^--[ \t]*migrate:up\b/m),
  read: (listing, rules) => readNumbered(listing, rules, { cut: cutDbmate }),
};

export function cutDbmate(text: string): Cut {
  const [up, down, ...others] = markersIn(text, MARKER);
  if (up?.groups[0] !== 'up') return { kind: 'unusable', why: 'does not begin with "-- migrate:up"' };
  if (others.length > 0 || (down && down.groups[0] !== 'down')) {
    return { kind: 'unusable', why: 'has more than one "-- migrate:up" and one "-- migrate:down" behind it' };
  }
  if (skipToStatement(text, 0) < up.from) return { kind: 'unusable', why: 'has SQL before "-- migrate:up"' };
  return {
    kind: 'cut',
    up: section(up, down?.from ?? text.length),
    down: down ? section(down, text.length) : null,
  };
}

function section({ from, groups }: Marker, to: number): Section {
  return /\btransaction:false\b/.test(groups[1]!) ? { from, to, transaction: 'none' } : { from, to };
}
