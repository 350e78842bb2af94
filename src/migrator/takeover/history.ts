/**
 * What another tool's history table says, in words that all of them share, and the port behind which each tool stands. It has
 * seen a table, never the files.
 */
import type { Problem } from '../../model/problem.ts';

export const TOOLS = [
  'golang-migrate',
  'dbmate',
  'goose',
  'flyway',
  'tern',
  'node-pg-migrate',
  'prisma',
  'drizzle',
  'graphile-migrate',
  'sqlx',
  'refinery',
  'rails',
] as const;

export type Tool = (typeof TOOLS)[number];

/** A table that exists. */
export interface FoundTable {
  readonly schema: string;
  readonly name: string;
  /** Quoted, as in SQL. */
  readonly quoted: string;
  /** Names of its columns, sorted. */
  readonly columns: readonly string[];
  /** Names of their types, in the same order. */
  readonly types: readonly string[];
}

/** A migration that the tool applied; times are ISO 8601 in UTC. */
export interface HistoryEntry {
  /** How its file is found: by number, or a repeatable one by the name behind `R__`. */
  readonly of:
    | { readonly kind: 'version'; readonly version: string }
    | { readonly kind: 'repeatable'; readonly name: string };
  /** As the tool names it, for messages. */
  readonly label: string;
  /** Null where the tool does not keep it. */
  readonly appliedAt: string | null;
  readonly durationMs: number | null;
  /** Null where the tool keeps none. */
  readonly checksum: ForeignChecksum | null;
}

/** A checksum as some tool takes it; see foreign-checksum.ts. */
export interface ForeignChecksum {
  readonly kind: 'sha256' | 'sha384' | 'crc32-of-lines';
  readonly value: string;
}

export interface History {
  readonly entries: readonly HistoryEntry[];
  /** Every file up to this version counts as applied, without an entry of its own; null where none does. */
  readonly through: Through | null;
  /** Why it cannot be taken over as it is. */
  readonly problems: readonly Problem[];
}

export interface Through {
  readonly version: string;
  /** `optional`: it is a baseline, of which no file need be there. */
  readonly file: 'required' | 'optional';
}

/** Runs one query, with parameters, and gives its rows. */
export type Ask = <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

export interface HistoryFormat {
  readonly tool: Tool;
  /** The names its table has by default. */
  readonly tables: readonly string[];
  /** By its columns: whether such a table can be its. */
  fits(table: FoundTable): boolean;
  read(ask: Ask, table: FoundTable, sources: HistorySources): Promise<History>;
}

export interface HistorySources {
  /** Tags of drizzle's journal by the time at which they were generated; undefined where there is no journal. */
  readonly drizzleTags: () => ReadonlyMap<string, string> | undefined;
}

/** SQL of a time as ISO 8601 in UTC. A time without a zone is taken as one of this session's zone. */
export function isoSql(column: string): string {
  return `to_char((${column})::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

export function hasColumns({ columns }: FoundTable, wanted: readonly string[]): boolean {
  return wanted.every((column) => columns.includes(column));
}

export function hasExactly(table: FoundTable, wanted: readonly string[]): boolean {
  return table.columns.length === wanted.length && hasColumns(table, wanted);
}

export function listed(entries: readonly HistoryEntry[], problems: readonly Problem[] = []): History {
  return { entries, through: null, problems };
}

/** An entry of a numbered migration of which the tool keeps nothing but what is given. */
export function entryOf(
  version: string,
  kept: Partial<Pick<HistoryEntry, 'label' | 'appliedAt' | 'durationMs' | 'checksum'>> = {},
): HistoryEntry {
  const none = { label: version, appliedAt: null, durationMs: null, checksum: null };
  return { of: { kind: 'version', version }, ...none, ...kept };
}
