/** Lines that fit a terminal: words are kept whole, later lines are indented. Widths count characters, not bytes. */

/** How wide a terminal is assumed to be. */
export const COLUMNS = 100;

/** The text in lines of at most `columns`; the first starts with `first`, the others with `rest`. A longer word stands alone. */
export function wrap(text: string, margins: { first: string; rest: string }, columns = COLUMNS): string[] {
  const lines: string[] = [];
  let line = margins.first;
  let empty = true;
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    if (!empty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = margins.rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line.trimEnd()];
}

/** The text cut to `columns`, with `…` where something is missing. */
export function cut(text: string, columns = COLUMNS): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
