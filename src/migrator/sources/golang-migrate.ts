/** golang-migrate's layout, which is ours: `NNN_name.up.sql` with its mirror `NNN_name.down.sql`, files beside each other. */
import { type FilePair, type NamedFile, parseFileNames } from '../file-names.ts';
import type { MigrationFile } from '../files.ts';
import { repeatableFile } from '../repeatable-files.ts';
import type { SqlFile } from '../sql-file.ts';
import type { SourceFormat } from './format.ts';
import type { Listing } from './listing.ts';

export const golangMigrate: SourceFormat = {
  name: 'golang-migrate',
  layout: 'NNN_name.up.sql and NNN_name.down.sql',
  recognises: ({ names }) => names.some((name) => /^\d+_.*\.(up|down)\.sql$/.test(name)),
  read: (listing, rules) => {
    const { pairs, problems, repeatables, ignored } = parseFileNames(listing.names, rules);
    const found = [...problems];
    const empty = rules.mirrors === 'optional' || rules.numbers === 'any' ? 'allowed' : 'refused';
    const one = (file: NamedFile | undefined) => (file ? readOne(listing, file.fileName, { empty, found }) : undefined);
    const files = pairs.map((pair) => migrationOf(pair, one(pair.up), one(pair.down) ?? null));
    const repeated = repeatables.map((name) => ({ name, file: readOne(listing, name, { empty, found }) }));
    return {
      files: files.filter((file) => file !== undefined),
      repeatables: repeated.flatMap(({ name, file }) => (file ? [repeatableFile(name, file)] : [])),
      problems: found,
      ignored,
    };
  },
};

function migrationOf({ version, name }: FilePair, up: SqlFile | undefined, down: SqlFile | null) {
  return up && ({ version, name, up, down } satisfies MigrationFile);
}

interface Reading {
  readonly empty: 'allowed' | 'refused';
  readonly found: string[];
}

function readOne(listing: Listing, fileName: string, { empty, found }: Reading): SqlFile | undefined {
  const file = listing.file(fileName, found);
  if (!file || empty === 'allowed' || file.sql.trim() !== '') return file;
  found.push(`${fileName} is empty`);
  return undefined;
}
