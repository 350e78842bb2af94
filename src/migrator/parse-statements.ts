/**
 * The only file that calls the parser. It turns the parser's byte offsets into places in a JavaScript string, and its errors
 * into Problems with the place in the file.
 */
import './parser-start.ts';
import { hasSqlDetails, type Node, parse, type RawStmt } from 'libpg-query';
import { ProblemError } from '../model/problem.ts';
import { excerpt, placeOf } from '../postgres/sql-excerpt.ts';
import { readDoBody } from './do-body.ts';
import { skipToStatement } from './skip-comments.ts';
import type { SqlFile } from './sql-file.ts';
import type { SqlStatement } from './sql-statement.ts';
import { kindOf, loneWorkOf, nameOf, type ObjectName } from './statement-kinds.ts';

/** Every statement of the file in order; none for a file of comments. Errors: `migration-syntax`. */
export async function parseStatements(file: SqlFile): Promise<readonly SqlStatement[]> {
  const raw = await parseRaw(file);
  const places = bytePlaces(file.sql);
  return raw.map((statement) => toStatement(file.sql, statement, places));
}

async function parseRaw(file: SqlFile): Promise<readonly RawStmt[]> {
  // The parser takes a text of nothing for a mistake.
  if (file.sql.trim() === '') return [];
  try {
    return (await parse(file.sql)).stmts ?? [];
  } catch (error) {
    const character = hasSqlDetails(error) ? (error.sqlDetails?.cursorPosition ?? -1) : -1;
    const place = placeOf(file.sql, character, file.written);
    throw new ProblemError(
      {
        code: 'migration-syntax',
        message: `${file.path} is not SQL that PostgreSQL understands: ${error instanceof Error ? error.message : error}`,
        found: place ? excerpt(file.path, place) : file.path,
        expected: 'SQL statements only: psql commands such as \\connect and data after COPY … FROM stdin are not SQL',
        next: `correct ${file.path}, then run the same command again`,
      },
      { cause: error },
    );
  }
}

/** Translates growing byte offsets, each in time proportional to the distance from the one before. */
function bytePlaces(sql: string): (byteOffset: number) => number {
  const bytes = Buffer.from(sql, 'utf8');
  let atByte = 0;
  let atUnit = 0;
  return (byteOffset) => {
    atUnit += bytes.toString('utf8', atByte, byteOffset).length;
    atByte = byteOffset;
    return atUnit;
  };
}

function toStatement(sql: string, raw: RawStmt, places: (byteOffset: number) => number): SqlStatement {
  const location = raw.stmt_location ?? 0;
  const begin = places(location);
  // The parser gives the last statement no length where the file does not end in a semicolon.
  const end = raw.stmt_len ? places(location + raw.stmt_len) : sql.length;
  const start = skipToStatement(sql, begin);
  const node = raw.stmt!;
  const lone = loneWorkOf(node);
  const text = sql.slice(start, end).trimEnd();
  return {
    text,
    kind: kindOf(node),
    node,
    line: sql.slice(0, start).split('\n').length,
    start,
    end,
    ...(lone ? { lone } : {}),
    ...('DoStmt' in node ? { body: readDoBody(node.DoStmt, text) } : {}),
    empties: emptiedTables(node).map(written),
  };
}

function emptiedTables(node: Node): ObjectName[] {
  if ('DeleteStmt' in node) return [nameOf(node.DeleteStmt.relation)];
  if (!('TruncateStmt' in node)) return [];
  return (node.TruncateStmt.relations ?? []).flatMap((one) => ('RangeVar' in one ? [nameOf(one.RangeVar)] : []));
}

/** As to_regclass takes it. */
function written({ schema, name }: ObjectName): string {
  const quoted = (part: string) => `"${part.replaceAll('"', '""')}"`;
  return schema === null ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}
