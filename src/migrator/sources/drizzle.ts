/**
 * drizzle: `NNNN_name.sql` in the order of `meta/_journal.json`, statements parted by a comment that we take for a semicolon,
 * because drizzle does not ask for one.
 */
import path from 'node:path';
import type { MigrationFile } from '../files.ts';
import { isBroken } from '../sql-file.ts';
import type { SourceFormat } from './format.ts';
import { type Listing, listDirectory } from './listing.ts';
import { ordered } from './numbered-files.ts';

const JOURNAL = 'meta/_journal.json';

export interface JournalEntry {
  /** The file's name without its ending: `0007_brave_hulk`. */
  readonly tag: string;
  /** When it was generated, in milliseconds since 1970: by this drizzle's history knows it. */
  readonly when: number;
}

export const drizzle: SourceFormat = {
  name: 'drizzle',
  layout: `NNNN_name.sql and ${JOURNAL}`,
  recognises: (listing) => listing.names.includes('meta') && listing.nested().includes(JOURNAL),
  read: (listing, rules) => {
    const entries = readJournal(listing);
    if (!entries) return { files: [], repeatables: [], ignored: [], problems: [`${JOURNAL} cannot be read`] };
    const problems: string[] = [];
    const files = entries.flatMap(({ tag }) => migrationOf(listing, tag, problems));
    const names = entries.map(({ tag }) => `${tag}.sql`);
    const ignored = listing.names.filter((name) => /\.sql$/i.test(name) && !names.includes(name));
    return { ...ordered(files, rules, problems), repeatables: [], ignored };
  },
};

/** The migrations that drizzle knows of; undefined where the journal is missing or no journal. */
export function readJournal(listing: Listing): readonly JournalEntry[] | undefined {
  if (!listing.nested().includes(JOURNAL)) return undefined;
  const read = listing.text(JOURNAL);
  if (isBroken(read)) return undefined;
  try {
    const { entries } = JSON.parse(read.sql) as { entries?: unknown };
    return Array.isArray(entries) && entries.every(isEntry) ? entries : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is JournalEntry {
  const entry = value as Partial<JournalEntry> | null;
  return typeof entry?.tag === 'string' && typeof entry.when === 'number';
}

function migrationOf(listing: Listing, tag: string, problems: string[]): MigrationFile[] {
  const [, version, name] = /^(\d+)_?(.*)$/.exec(tag) ?? [];
  if (version === undefined) problems.push(`${tag} in ${JOURNAL} does not begin with a number`);
  else if (!listing.names.includes(`${tag}.sql`)) problems.push(`${tag}.sql is missing, and ${JOURNAL} names it`);
  else {
    const up = listing.file(`${tag}.sql`, problems);
    // As long as before, so that places in the file stay right.
    const sql = up?.sql.replaceAll('--> statement-breakpoint', ';-- statement-breakpoint');
    return up ? [{ version, name: name!, up: { ...up, sql: sql! }, down: null }] : [];
  }
  return [];
}

/** Tags of a directory's journal by the time at which they were generated, as text; undefined where there is no journal. */
export function drizzleTagsIn({
  directory,
  root,
}: {
  readonly directory: string;
  readonly root: string;
}): ReadonlyMap<string, string> | undefined {
  const entries = readJournal(listDirectory(path.resolve(root, directory), directory));
  return entries && new Map(entries.map(({ tag, when }) => [String(when), tag]));
}
