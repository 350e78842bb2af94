/**
 * Tells of a text, without a parser, that it is nothing but statements of one transaction that can be followed by others of
 * ours. It is right where it says yes; where it says no, the parser is asked. Why that holds: no word that ends, begins or
 * forbids a transaction is anywhere in it outside of comments, strings and the bodies of functions, but for an END inside a
 * statement, which is that of a CASE; what runs a string or a body as SQL is such a word itself, or cannot end a transaction;
 * and nothing is left open at its end.
 */

/** A text that can be sent as it is. */
export interface PlainSql {
  /** How many statements it has at the most. */
  readonly statements: number;
}

/**
 * What changes our limits or how texts are read, and names in which that could be written with escapes: wherever it is, because a
 * trigger's function may run within the same text.
 */
const FORBIDDEN_ANYWHERE =
  /\b(?:set_config|pg_settings|lock_timeout|statement_timeout|standard_conforming_strings)\b|&["']|\0/i;
/**
 * Transaction control, what can be in no transaction, what runs code that could do either, what reads from the client and what
 * has to come first in its transaction.
 */
const FORBIDDEN =
  /\b(?:begin|start|commit|rollback|abort|savepoint|release|prepare|concurrently|vacuum|cluster|reindex|database|system|tablespace|subscription|discard|copy|call|do(?!\s+(?:nothing|update)\b)|reset|transaction(?:_\w+)?)\b/i;
/** Also a word for COMMIT. Without BEGIN, one inside a statement is that of a CASE. */
const END_AT_START = /(?:^|;)\s*end\b/i;
/** What may have a body between dollars. */
const STORED = /^[\s;]*create\s+(?:or\s+replace\s+)?(?:function|procedure)\b/i;

export function plainSql(sql: string): PlainSql | undefined {
  if (FORBIDDEN_ANYWHERE.test(sql)) return undefined;
  const code = withoutTexts(sql);
  if (!code || FORBIDDEN.test(code.text) || END_AT_START.test(code.text)) return undefined;
  return { statements: code.semicolons + 1 };
}

interface Code {
  readonly text: string;
  /** Outside of strings, names and bodies. */
  readonly semicolons: number;
}

/**
 * Without comments, and without what is between quotes and dollars. Undefined where one of them is left open, where there are
 * escapes or psql's commands, which need a real reader, and where something else than a function has a body.
 */
function withoutTexts(sql: string): Code | undefined {
  const marks = /['";$\\]|--|\/\*/g;
  let text = '';
  let semicolons = 0;
  let from = 0;
  // Where the statement begins in `text`.
  let statement = 0;
  for (let mark = marks.exec(sql); mark; mark = marks.exec(sql)) {
    const [sign] = mark;
    text += sql.slice(from, mark.index);
    if (sign === ';') {
      semicolons += 1;
      statement = text.length;
      from = mark.index;
      continue;
    }
    if (sign === '$' && !STORED.test(text.slice(statement))) return undefined;
    const end = endOf(sql, sign, mark.index);
    if (end === undefined) return undefined;
    text += sign === "'" ? "''" : sign === '"' ? sql.slice(mark.index, end) : ' ';
    from = end;
    marks.lastIndex = end;
  }
  return { text: text + sql.slice(from), semicolons };
}

/** Where what was opened is closed; a doubled quote closes and opens again. Undefined: nowhere, or it cannot be told without a parser. */
function endOf(sql: string, sign: string, at: number): number | undefined {
  switch (sign) {
    case "'":
    case '"':
      return endOfQuoted(sql, sign, at);
    case '$':
      return endOfBody(sql, at);
    case '--':
      return endOfLine(sql, at);
    case '/*':
      return endOfComment(sql, at + 2);
    default:
      return undefined;
  }
}

function after(at: number, length = 1): number | undefined {
  return at < 0 ? undefined : at + length;
}

function endOfQuoted(sql: string, quote: string, at: number): number | undefined {
  const end = after(sql.indexOf(quote, at + 1));
  return end !== undefined && sql.slice(at, end).includes('\\') ? undefined : end;
}

/** A carriage return ends a comment, too. */
function endOfLine(sql: string, at: number): number {
  const length = sql.slice(at).search(/[\r\n]/);
  return length < 0 ? sql.length : at + length + 1;
}

const DOLLARS = /\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/iy;
const IN_A_NAME = /[\w$\u0080-\uffff]/;

/** Undefined, too, where the dollar opens no body: it is part of a name, or of a parameter. */
function endOfBody(sql: string, at: number): number | undefined {
  DOLLARS.lastIndex = at;
  const tag = DOLLARS.exec(sql)?.[0];
  if (tag === undefined || IN_A_NAME.test(sql[at - 1] ?? '')) return undefined;
  return after(sql.indexOf(tag, at + tag.length), tag.length);
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
