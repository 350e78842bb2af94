/**
 * The port behind which every layout of migration files stands: how it is recognised, and how its files become migrations. A
 * format has seen names and texts, never a database.
 */
import type { NameRules } from '../file-names.ts';
import type { MigrationFile } from '../files.ts';
import type { RepeatableFile } from '../repeatable-files.ts';
import type { Listing } from './listing.ts';

export const FORMAT_NAMES = [
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
] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

/** Everything that a directory holds. */
export interface DirectoryContents {
  readonly format: FormatName;
  /** In order of their versions. */
  readonly files: readonly MigrationFile[];
  /** In the order of their names; run after all others. */
  readonly repeatables: readonly RepeatableFile[];
  /** `.sql` files that were left alone because their names fit no migration. */
  readonly ignored: readonly string[];
}

export interface SourceRead extends Omit<DirectoryContents, 'format'> {
  /** One sentence each, beginning with the file or number it is about; none where the directory can be used. */
  readonly problems: readonly string[];
}

export interface SourceFormat {
  readonly name: FormatName;
  /** What its directories look like, for a problem's `expected`. */
  readonly layout: string;
  /** Whether something in the directory can only be of this format. */
  recognises(listing: Listing): boolean;
  read(listing: Listing, rules: NameRules): SourceRead;
}
