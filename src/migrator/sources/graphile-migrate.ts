/** graphile-migrate: `committed/NNNNNN.sql` or `committed/NNNNNN-name.sql`, and no way back. `current.sql` is not looked at. */
import type { MigrationFile } from '../files.ts';
import { isBroken } from '../sql-file.ts';
import type { SourceFormat } from './format.ts';
import type { Listing } from './listing.ts';
import { ordered } from './numbered-files.ts';

const FILE = /^(?:committed\/)?(\d{6})(?:-(.*))?\.sql$/;
const HEADER = /^--! Previous: /m;
const NO_TRANSACTION = /^--! no-transaction\b/m;
const PLACEHOLDER = /(?<!:):(DATABASE_(?:NAME|OWNER|AUTHENTICATOR|VISITOR))\b/;

export const graphileMigrate: SourceFormat = {
  name: 'graphile-migrate',
  layout: 'committed/NNNNNN.sql',
  recognises: (listing) => filesOf(listing).some((file) => hasHeader(listing, file)),
  read: (listing, rules) => {
    const problems: string[] = [];
    const files = filesOf(listing).flatMap((file) => migrationOf(listing, file, problems));
    return { ...ordered(files, rules, problems), repeatables: [], ignored: [] };
  },
};

function filesOf({ names, nested }: Listing): readonly string[] {
  return (names.includes('committed') ? nested() : names).filter((file) => FILE.test(file));
}

function hasHeader(listing: Listing, file: string): boolean {
  const read = listing.text(file);
  return !isBroken(read) && HEADER.test(read.sql);
}

function migrationOf(listing: Listing, file: string, problems: string[]): MigrationFile[] {
  const [, version, name] = FILE.exec(file)!;
  const up = listing.file(file, problems);
  if (!up) return [];
  const placeholder = PLACEHOLDER.exec(up.sql);
  if (placeholder) {
    problems.push(`${file} holds the placeholder :${placeholder[1]}, which only graphile-migrate can fill in`);
    return [];
  }
  const how = NO_TRANSACTION.test(up.sql) ? ({ transaction: 'none' } as const) : {};
  return [{ version: version!, name: name ?? 'committed', up: { ...up, ...how }, down: null }];
}
