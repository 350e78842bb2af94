/**
 * goose: one file with `-- +goose Up` and `-- +goose Down`. Its marks for the beginning and end of a statement are comments to
 * us, because files are taken apart by PostgreSQL's parser. Migrations in Go cannot be read.
 */
import type { SourceFormat } from './format.ts';
import { anyHas, readNumbered } from './numbered-files.ts';
import { type Cut, markersIn } from './sections.ts';

/** As goose wants it: at the beginning of a line, in any case. */
const MARKER = /^--[ \t]*\+goose[ \t]+(.*?)[ \t]*\r?$/gim;

export const goose: SourceFormat = {
  name: 'goose',
  layout: 'NNN_name.sql with "-- +goose Up" and "-- +goose Down"',
  recognises: (listing) => anyHas(listing, /^--[ \t]*\+goose[ \t]+up\b/im),
  read: (listing, rules) => {
    const read = readNumbered(listing, rules, { cut: cutGoose });
    const inGo = listing.names.filter((name) => /^\d+_.*\.go$/.test(name) && !name.endsWith('_test.go'));
    const problems = inGo.map((name) => `${name} is a migration in Go, which only a program of yours can run`);
    return { ...read, problems: [...read.problems, ...problems] };
  },
};

export function cutGoose(text: string): Cut {
  const marks = markersIn(text, MARKER).map(({ from, groups }) => ({ from, word: groups[0]!.toLowerCase() }));
  const ups = marks.filter(({ word }) => word === 'up');
  const downs = marks.filter(({ word }) => word === 'down');
  const [up] = ups;
  const [down] = downs;
  if (!up) return { kind: 'unusable', why: 'has no "-- +goose Up"' };
  if (ups.length > 1 || downs.length > 1 || (down && down.from < up.from)) {
    return { kind: 'unusable', why: 'has more than one "-- +goose Up" and one "-- +goose Down" behind it' };
  }
  if (marks.some(({ word }) => word === 'envsub on')) {
    return { kind: 'unusable', why: 'has "-- +goose ENVSUB ON": its text depends on the environment of who runs it' };
  }
  const how = marks.some(({ word }) => word === 'no transaction') ? ({ transaction: 'none' } as const) : {};
  return {
    kind: 'cut',
    up: { from: up.from, to: down?.from ?? text.length, ...how },
    down: down ? { from: down.from, to: text.length, ...how } : null,
  };
}
