/** node-pg-migrate's SQL files: `-- Up Migration` and `-- Down Migration` in one file. Migrations in JavaScript cannot be read. */
import type { SourceFormat } from './format.ts';
import { anyHas, readNumbered } from './numbered-files.ts';
import { type Cut, markersIn } from './sections.ts';

/** As node-pg-migrate takes it: in any case, with any dashes and spaces before it. */
const MARKER = /^[ \t]*--[ \t-]*(up|down)[ \t]+migration/gim;

export const nodePgMigrate: SourceFormat = {
  name: 'node-pg-migrate',
  layout: 'NNN_name.sql with "-- Up Migration" and "-- Down Migration"',
  recognises: (listing) => anyHas(listing, /^[ \t]*--[ \t-]*up[ \t]+migration/im),
  read: (listing, rules) => {
    const read = readNumbered(listing, rules, { cut: cutNodePgMigrate });
    const scripts = listing.names.filter((name) => /^\d+[-_].*\.[cm]?[jt]s$/.test(name) && !name.endsWith('.d.ts'));
    const problems = scripts.map((name) => `${name} is a migration in JavaScript, which only node-pg-migrate can run`);
    return { ...read, problems: [...read.problems, ...problems] };
  },
};

/** Without a marker all of it goes up; what stands before "up" is left out, as node-pg-migrate does. */
export function cutNodePgMigrate(text: string): Cut {
  const marks = markersIn(text, MARKER).map(({ from, groups }) => ({ from, word: groups[0]!.toLowerCase() }));
  const up = marks.find(({ word }) => word === 'up');
  const down = marks.find(({ word }) => word === 'down');
  const end = text.length;
  if (!down) return { kind: 'cut', up: { from: up?.from ?? 0, to: end }, down: null };
  if (!up) return { kind: 'cut', up: { from: 0, to: down.from }, down: { from: down.from, to: end } };
  const [first, second] = up.from < down.from ? [up, down] : [down, up];
  const sections = {
    [first.word]: { from: first.from, to: second.from },
    [second.word]: { from: second.from, to: end },
  };
  return { kind: 'cut', up: sections.up!, down: sections.down! };
}
