/** One statement of a file: its text, its place, and what it does that no transaction can hold. */
import type { Node } from 'libpg-query';
import { excerpt, placeOf } from '../postgres/sql-excerpt.ts';
import type { SqlFile } from './sql-file.ts';
import type { LoneWork } from './statement-kinds.ts';

/** What is written inside a DO block. */
export interface DoBody {
  /** Statements and expressions (as SELECT), whatever branch they stand in; values of EXECUTE where they are constants. */
  readonly statements: readonly Node[];
  /** What cannot be read from the text. */
  readonly opaque: readonly string[];
}

export interface SqlStatement {
  /** As in the file, without the semicolon and the comments before it. */
  readonly text: string;
  /** The parser's name for it: `CreateStmt`. */
  readonly kind: string;
  /** The parse tree, as libpg-query gives it. */
  readonly node: Node;
  /** 1-based line of its first word. */
  readonly line: number;
  /** Where it begins and ends in the file's text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** What it does, where it cannot be in a transaction; undefined for all that can. */
  readonly lone?: LoneWork;
  /** Of a DO block. */
  readonly body?: DoBody;
  /** Tables that it empties of rows: DELETE and TRUNCATE. */
  readonly empties: readonly string[];
}

/** Path, line, the SQL and a caret under its first word. */
export function whereIs(file: SqlFile, statement: Pick<SqlStatement, 'start'>): string {
  const place = placeOf(file.sql, Array.from(file.sql.slice(0, statement.start)).length, file.written);
  return place ? excerpt(file.path, place) : file.path;
}
