/**
 * Finds a place in an SQL text and shows it: line, column, and the line itself with a caret under the place.
 * PostgreSQL counts characters (code points), JavaScript counts UTF-16 units; the difference ends here.
 */

export interface SqlPlace {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in characters. */
  readonly column: number;
  /** The line of text, without its line break. */
  readonly text: string;
}

/** Columns of a line that are shown around the caret. */
const WIDTH = 100;

/** Text that was put in for something else, in UTF-16 units: where it ends, how long it is, and where the other one ended. */
export interface Fill {
  readonly end: number;
  readonly length: number;
  readonly writtenEnd: number;
}

/** A text as its author wrote it, before values were filled in. Those are shown nowhere. */
export interface WrittenSql {
  readonly sql: string;
  /** In order. */
  readonly fills: readonly Fill[];
}

/** The place of the character with this 0-based number; undefined where the text has no such character. */
export function placeOf(sql: string, characterIndex: number, written?: WrittenSql): SqlPlace | undefined {
  if (written) return placeAsWritten(sql, characterIndex, written);
  const characters = Array.from(sql);
  if (characterIndex < 0 || characterIndex > characters.length) return undefined;
  const before = characters.slice(0, characterIndex).join('').split('\n');
  const line = before.length;
  const text = (sql.split('\n')[line - 1] ?? '').replace(/\r$/, '');
  return { line, column: Array.from(before.at(-1) ?? '').length + 1, text };
}

function placeAsWritten(sql: string, characterIndex: number, { sql: text, fills }: WrittenSql): SqlPlace | undefined {
  const characters = Array.from(sql);
  if (characterIndex < 0 || characterIndex > characters.length) return undefined;
  const unit = characters.slice(0, characterIndex).join('').length;
  const inside = fills.find(({ end, length }) => unit >= end - length && unit < end);
  const before = fills.findLast(({ end }) => end <= unit);
  const at = inside ? startOf(text, inside) : unit + (before ? before.writtenEnd - before.end : 0);
  return placeOf(text, Array.from(text.slice(0, at)).length);
}

/** Of what stands there in the text as written. */
function startOf(text: string, { writtenEnd }: Fill): number {
  return text.lastIndexOf('${', writtenEnd);
}

/** Three lines: `path:line:column`, the SQL of that line, and a caret under the column. */
export function excerpt(path: string, place: SqlPlace): string {
  const characters = Array.from(place.text.replaceAll('\t', ' '));
  const from = place.column > WIDTH ? place.column - WIDTH / 2 : 0;
  const shown = characters.slice(from, from + WIDTH).join('');
  const gutter = `  ${place.line} | `;
  const caretAt = ' '.repeat(gutter.length - 2 + place.column - 1 - from);
  return [`${path}:${place.line}:${place.column}`, `${gutter}${shown}`.trimEnd(), `${caretAt}  ^`].join('\n');
}
