/** Prisma: a directory `<timestamp>_<name>` with `migration.sql` for each migration, and no way back. */
import type { MigrationFile } from '../files.ts';
import type { SourceFormat } from './format.ts';
import type { Listing } from './listing.ts';
import { ordered } from './numbered-files.ts';

const FILE = /^(\d+)_?([^/]*)\/migration\.sql$/;

export const prisma: SourceFormat = {
  name: 'prisma',
  layout: '<timestamp>_<name>/migration.sql',
  recognises: (listing) => listing.names.includes('migration_lock.toml') || filesOf(listing).length > 0,
  read: (listing, rules) => {
    const problems: string[] = [];
    const files = filesOf(listing).flatMap((file): MigrationFile[] => {
      const [, version, name] = FILE.exec(file)!;
      const up = listing.file(file, problems);
      return up ? [{ version: version!, name: name!, up, down: null }] : [];
    });
    const ignored = listing.names.filter((name) => /\.sql$/i.test(name));
    return { ...ordered(files, rules, problems), repeatables: [], ignored };
  },
};

function filesOf(listing: Listing): readonly string[] {
  // Looking below costs a walk through the tree, which directories of plain files need not pay.
  if (!listing.names.some((name) => /^\d+_?[^.]*$/.test(name))) return [];
  return listing.nested().filter((file) => FILE.test(file));
}
