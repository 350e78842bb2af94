/**
 * sqlx without ways back: `NNN_name.sql`, the whole file going up. It has no marker, so it is what a directory of numbered files
 * is taken for when nothing else fits. Reversible sqlx files have golang-migrate's names and are read as those.
 */
import type { SourceFormat } from './format.ts';
import { readNumbered } from './numbered-files.ts';
import type { Cut } from './sections.ts';

export const sqlx: SourceFormat = {
  name: 'sqlx',
  layout: 'NNN_name.sql',
  recognises: () => false,
  read: (listing, rules) => readNumbered(listing, rules, { pattern: /^(\d+)_(.*)\.sql$/, cut: cutSqlx }),
};

function cutSqlx(text: string): Cut {
  const how = /^-- no-transaction\b/.test(text) ? ({ transaction: 'none' } as const) : {};
  return { kind: 'cut', up: { from: 0, to: text.length, ...how }, down: null };
}
