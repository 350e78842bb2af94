/**
 * Turns an error of a statement into a Problem an operator can act on: what failed, where in which file, and whether trying
 * again may help. Values out of tables never get into it: PostgreSQL's DETAIL lines that quote rows are left out.
 */
import { isProblemError, type Problem } from '../model/problem.ts';
import { excerpt, placeOf, type WrittenSql } from './sql-excerpt.ts';
import { classifyError, fieldOf, GENERIC_CODE, sqlstateOf } from './sqlstate.ts';

/** The file that the failing SQL came from, and where in it the text that was sent begins. */
export interface SqlSource {
  /** As printed: relative to the checkout. */
  readonly path: string;
  /** The whole file. */
  readonly sql: string;
  /** What is shown of it, where values were filled in. */
  readonly written?: WrittenSql;
  /** What to add to a 0-based position in the text that was sent to get the position in the file, in characters. Default 0. */
  readonly shift?: number;
  /** Where the failing statement begins in the file, 0-based in characters; used where the error has no position of its own. */
  readonly statementStart?: number;
}

export interface PgErrorContext {
  /** What was being done, as the subject of "… failed": `applying 002 channels`. */
  readonly doing: string;
  /** Used where the error has no code of its own in the table of SQLSTATEs. */
  readonly code?: string;
  readonly source?: SqlSource;
  readonly expected?: string;
  readonly next?: string;
}

/** Any error of a statement as a Problem; a ProblemError keeps its own. */
export function problemFromPg(error: unknown, context: PgErrorContext): Problem {
  if (isProblemError(error)) return error.problem;
  const { retry, code } = classifyError(error);
  const sqlstate = sqlstateOf(error);
  const found = foundIn(error, context.source);
  return {
    code: code === GENERIC_CODE ? (context.code ?? code) : code,
    message: `${context.doing} failed: ${messageOf(error)}`,
    ...(found ? { found } : {}),
    ...(context.expected ? { expected: context.expected } : {}),
    ...(context.next ? { next: context.next } : {}),
    retry,
    ...(sqlstate ? { sqlstate } : {}),
  };
}

function foundIn(error: unknown, source: SqlSource | undefined): string {
  const lines = [locate(error, source), detailOf(error), labelled('hint', fieldOf(error, 'hint'))];
  return lines.filter(Boolean).join('\n');
}

function locate(error: unknown, source: SqlSource | undefined): string | undefined {
  if (!source) return undefined;
  const position = Number(fieldOf(error, 'position'));
  const character = position > 0 ? position - 1 + (source.shift ?? 0) : (source.statementStart ?? -1);
  const place = placeOf(source.sql, character, source.written);
  return place ? excerpt(source.path, place) : source.path;
}

/** Data and constraint errors quote rows in DETAIL; the others name objects there. */
function detailOf(error: unknown): string | undefined {
  const sqlstate = sqlstateOf(error) ?? '';
  const quotesRows = /^(21|22|23|44|P0)/.test(sqlstate);
  return quotesRows ? undefined : labelled('detail', fieldOf(error, 'detail'));
}

/** Conversion errors end in the value that could not be converted: `invalid input syntax for type integer: "…"`. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return sqlstateOf(error)?.startsWith('22') ? message.replace(/: ".*"$/s, '') : message;
}

function labelled(label: string, text: string | undefined): string | undefined {
  return text ? `${label}: ${text}` : undefined;
}
