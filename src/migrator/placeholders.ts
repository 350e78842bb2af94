/**
 * Fills `${name}` in the texts of files, where values were given. Not in comments, and not in dollar-quoted bodies, where
 * `${` is other people's syntax; Flyway's files are filled there, too, as Flyway does. Checksums stay those of the bytes.
 */
import { type Fill, placeOf } from '../postgres/sql-excerpt.ts';
import type { SqlFile } from './sql-file.ts';

/** By name. Values are put in as they are: they are not quoted, and nothing is escaped. */
export type PlaceholderValues = Readonly<Record<string, string>>;

/** Where placeholders count: everywhere, or not in comments and dollar-quoted bodies. */
export type FillScope = 'everywhere' | 'outside-bodies';

export interface FilledFile {
  readonly file: SqlFile;
  /** `path:line` and name of every placeholder without a value. */
  readonly missing: readonly string[];
}

/** A comment, or a body with its tag; what is filled nowhere is passed over. Strings and names come first: they may hold `--`. */
const PASSED =
  /(?<filled>'(?:[^']|'')*'|"(?:[^"]|"")*")|--[^\n]*|\/\*[\s\S]*?\*\/|\$(?<tag>[A-Za-z_\x80-\uffff]?[\w\x80-\uffff]*)\$[\s\S]*?\$\k<tag>\$/g;
const PLACEHOLDER = /\$\{([^{}\s]+)\}/g;

export function fillPlaceholders(file: SqlFile, values: PlaceholderValues, scope: FillScope): FilledFile {
  const passed = scope === 'everywhere' ? [] : passedOver(file.sql);
  const missing: string[] = [];
  const fills: Fill[] = [];
  let sql = '';
  let from = 0;
  for (const match of file.sql.matchAll(PLACEHOLDER)) {
    const { index } = match;
    if (passed.some(([start, end]) => index >= start && index < end)) continue;
    const value = Object.hasOwn(values, match[1]!) ? values[match[1]!] : undefined;
    if (value === undefined) missing.push(`${file.path}:${lineOf(file.sql, index)} \${${match[1]}}`);
    sql += `${file.sql.slice(from, index)}${value ?? match[0]}`;
    from = index + match[0].length;
    fills.push({ end: sql.length, length: (value ?? match[0]).length, writtenEnd: from });
  }
  if (fills.length === 0) return { file, missing };
  return { file: { ...file, sql: sql + file.sql.slice(from), written: { sql: file.sql, fills } }, missing };
}

function passedOver(sql: string): (readonly [start: number, end: number])[] {
  const spans: (readonly [number, number])[] = [];
  for (const match of sql.matchAll(PASSED)) {
    if (match.groups?.filled === undefined) spans.push([match.index, match.index + match[0].length]);
  }
  return spans;
}

function lineOf(sql: string, index: number): number {
  return placeOf(sql, Array.from(sql.slice(0, index)).length)!.line;
}
