/**
 * Files that hold both directions: each is cut into its sections by marker lines. A section keeps its lines where they are in
 * the file, behind as many line breaks as come before it, so that errors point into the real file. Its checksum is over the
 * section alone: an edited way down is told as that, and the way up still fits.
 */
import type { MigrationFile } from '../files.ts';
import { type SqlFile, sha256 } from '../sql-file.ts';

export interface Section {
  /** Where it begins and ends in the file's text, in UTF-16 units; the beginning is that of a line. */
  readonly from: number;
  readonly to: number;
  readonly transaction?: 'none';
}

/** What a file says, or why it cannot be used. `down` null: it cannot be taken back. */
export type Cut =
  | { readonly kind: 'cut'; readonly up: Section; readonly down: Section | null }
  /** Behind the file's name: `has no "-- +goose Up"`. */
  | { readonly kind: 'unusable'; readonly why: string };

export function cutFile(
  file: SqlFile,
  { up, down }: Extract<Cut, { kind: 'cut' }>,
): Pick<MigrationFile, 'up' | 'down'> {
  return { up: sectionOf(file, up), down: down && sectionOf(file, down) };
}

function sectionOf({ path, sql }: SqlFile, { from, to, transaction }: Section): SqlFile {
  const text = sql.slice(from, to);
  const linesBefore = sql.slice(0, from).split('\n').length - 1;
  return {
    path,
    sql: '\n'.repeat(linesBefore) + text,
    checksum: sha256(text),
    ...(transaction ? { transaction } : {}),
  };
}

export interface Marker {
  /** Where its line begins. */
  readonly from: number;
  /** What the pattern's groups caught. */
  readonly groups: readonly string[];
}

/** Every line that fits, in order. `pattern` has the flags `g` and `m`. */
export function markersIn(text: string, pattern: RegExp): readonly Marker[] {
  return [...text.matchAll(pattern)].map((match) => ({
    from: match.index,
    groups: match.slice(1).map((group) => group ?? ''),
  }));
}
