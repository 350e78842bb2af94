/** tern: one file, what is above `---- create above / drop below ----` going up and what is below it going down. */
import type { SourceFormat } from './format.ts';
import { anyHas, readNumbered } from './numbered-files.ts';
import type { Cut } from './sections.ts';

const DIVIDER = /^---- create above \/ drop below ----[ \t]*\r?$/m;
const NO_TRANSACTION = /^---- tern: disable-tx ----[ \t]*\r?$/m;
const MARKS = /^---- (create above \/ drop below|tern: disable-tx) ----[ \t]*\r?$/m;

export const tern: SourceFormat = {
  name: 'tern',
  layout: 'NNN_name.sql with "---- create above / drop below ----"',
  recognises: (listing) => anyHas(listing, MARKS),
  read: (listing, rules) => readNumbered(listing, rules, { pattern: /^(\d+)_(.+)\.sql$/, cut: cutTern }),
};

export function cutTern(text: string): Cut {
  // A Go template: what it becomes depends on tern's settings and on other files.
  if (/\{\{.*\}\}/.test(text))
    return { kind: 'unusable', why: 'holds a template, {{ … }}, which only tern can fill in' };
  const divider = DIVIDER.exec(text)?.index;
  const how = NO_TRANSACTION.test(text) ? ({ transaction: 'none' } as const) : {};
  return {
    kind: 'cut',
    up: { from: 0, to: divider ?? text.length, ...how },
    down: divider === undefined ? null : { from: divider, to: text.length, ...how },
  };
}
