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

/** The place of the character with this 0-based number; undefined where the text has no such character. */
export function placeOf(sql: string, characterIndex: number): SqlPlace | undefined {
  const characters = Array.from(sql);
  if (characterIndex < 0 || characterIndex > characters.length) return undefined;
  const before = characters.slice(0, characterIndex).join('').split('\n');
  const line = before.length;
  const text = (sql.split('\n')[line - 1] ?? '').replace(/\r$/, '');
  return { line, column: Array.from(before.at(-1) ?? '').length + 1, text };
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
