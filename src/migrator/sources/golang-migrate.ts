/** golang-migrate's layout, which is ours: `NNN_name.up.sql` with its mirror `NNN_name.down.sql`, files beside each other. */
import { parseFileNames } from '../file-names.ts';
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
    const reading: Reading = { empty, found };
    const files: MigrationFile[] = [];
    for (const { version, name, up, down } of pairs) {
      const upFile = up && readOne(listing, up.fileName, reading);
      const downFile = down && readOne(listing, down.fileName, reading);
      if (upFile) files.push({ version, name, up: upFile, down: downFile ?? null });
    }
    const repeated = repeatables.map((name) => ({ name, file: readOne(listing, name, reading) }));
    return {
      files,
      repeatables: repeated.flatMap(({ name, file }) => (file ? [repeatableFile(name, file)] : [])),
      problems: found,
      ignored,
    };
  },
};

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
