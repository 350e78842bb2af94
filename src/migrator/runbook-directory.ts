/** The migrations of a runbook as a directory to read: with the values of its placeholders, and where those are written. */
import type { Runbook } from '../model/runbook.ts';
import type { MigrationDirectory } from './files.ts';

/** `root`: the checkout. */
export function directoryOf(
  { name, migrations, placeholders }: Pick<Runbook, 'name' | 'migrations' | 'placeholders'>,
  root: string,
): MigrationDirectory {
  const values = placeholders === undefined ? {} : { placeholders, placeholdersIn: `runbooks/${name}.yaml` };
  return { directory: migrations.directory, root, ...values };
}
