/**
 * Tells of a text, without a parser, that it is nothing but statements of one transaction that can be followed by others of
 * ours. It is right where it says yes; where it says no, the parser is asked. Why that holds: no word that ends, begins or
 * forbids a transaction is anywhere in it outside of comments, not even in a string; and nothing is left open at its end.
 */

/** A text that can be sent as it is. */
export interface PlainSql {
  /** How many statements it has at the most. */
  readonly statements: number;
}

/**
 * Transaction control, what can be in no transaction, what runs code that could do either, what reads from the client, what
 * has to come first in its transaction, and what changes our limits or how texts are read.
 */
const FORBIDDEN =
  /\b(?:begin|start|commit|end|rollback|abort|savepoint|release|prepare|concurrently|vacuum|cluster|reindex|database|system|tablespace|subscription|discard|copy|call|do(?!\s+(?:nothing|update)\b)|set_config|reset|lock_timeout|statement_timeout|transaction(?:_\w+)?|standard_conforming_strings)\b/i;
/** Dollar quotes, escapes and psql's commands need a real reader. */
const UNUSUAL = /[$\\\0]/;

export function plainSql(sql: string): PlainSql | undefined {
  const read = withoutComments(sql);
  if (!read || FORBIDDEN.test(read.code) || UNUSUAL.test(read.code)) return undefined;
  return { statements: read.semicolons + 1 };
}

interface Uncommented {
  readonly code: string;
  /** Outside of strings and names. */
  readonly semicolons: number;
}

/**
 * Undefined where a string, a name or a comment is left open. What is unusual is read wrongly from there on, and found by
 * whoever asks, because all before it was read rightly.
 */
function withoutComments(sql: string): Uncommented | undefined {
  const marks = /['";]|--|\/\*/g;
  let code = '';
  let semicolons = 0;
  let from = 0;
  for (let mark = marks.exec(sql); mark; mark = marks.exec(sql)) {
    if (mark[0] === ';') {
      semicolons += 1;
      continue;
    }
    const end = endOf(sql, mark[0], marks.lastIndex);
    if (end === undefined) return undefined;
    if (mark[0] === '--' || mark[0] === '/*') {
      code += `${sql.slice(from, mark.index)} `;
      from = end;
    }
    marks.lastIndex = end;
  }
  return { code: code + sql.slice(from), semicolons };
}

/** Where what was opened is closed; a doubled quote closes and opens again. */
function endOf(sql: string, opening: string, from: number): number | undefined {
  if (opening === '/*') return endOfComment(sql, from);
  // A carriage return ends a comment, too.
  const closing = opening === '--' ? sql.slice(from).search(/[\r\n]/) : sql.indexOf(opening, from);
  if (opening === '--') return closing < 0 ? sql.length : from + closing + 1;
  return closing < 0 ? undefined : closing + 1;
}

/** Comments of this kind are nested. */
function endOfComment(sql: string, from: number): number | undefined {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  let depth = 1;
  for (let mark = marks.exec(sql); mark; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return undefined;
}
