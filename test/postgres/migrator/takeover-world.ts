/**
 * A directory of migrations in another tool's layout, and a database that this tool migrated, with its history as that tool
 * leaves it. The schema itself is one table per migration, so that what is applied can be seen.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MigrationDirectory } from '../../../src/migrator/files.ts';
import type { Migrator, MigratorOptions } from '../../../src/migrator/migrator.ts';
import { drizzleTagsIn } from '../../../src/migrator/sources/drizzle.ts';
import { type ImportRequest, importHistory, importPreview } from '../../../src/migrator/takeover/import-history.ts';
import { askOf } from '../../../src/migrator/takeover/ledger-transaction.ts';
import type { ImportOutcome } from '../../../src/model/takeover.ts';
import { setup as emptyWorld, type World } from './world.ts';

export interface Elsewhere extends Pick<World, 'database' | 'root' | 'events'> {
  readonly open: (options?: Partial<MigratorOptions>) => Migrator;
  readonly write: (file: string, text: string) => Promise<void>;
  readonly importing: (request?: ImportRequest, options?: Partial<MigratorOptions>) => Promise<ImportOutcome>;
  readonly preview: (request?: ImportRequest) => Promise<ImportOutcome>;
  /** Version, who, when: of the ledger in `public`, in order. */
  readonly ledger: () => Promise<string[]>;
}

/** `history`: SQL run on the database before anything else. */
export async function setup({
  files,
  history = 'select 1',
}: {
  readonly files: Readonly<Record<string, string>>;
  readonly history?: string;
}): Promise<Elsewhere> {
  const world = await emptyWorld({ migrations: {} });
  const directory = path.join(world.root, 'migrations/app');
  const write = async (file: string, text: string) => {
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
    await writeFile(path.join(directory, file), text);
  };
  for (const [file, text] of Object.entries(files)) await write(file, text);
  await world.database.query(history);
  const where = { mirrors: 'optional', numbers: 'any', format: 'auto' } as const satisfies Partial<MigrationDirectory>;
  const inPublic = { ...where, schemas: ['public'], ledgerSchema: 'public' };
  const open = (options: Partial<MigratorOptions> = {}) => world.open({ ...inPublic, ...options });
  const drizzleTags = () => drizzleTagsIn({ root: world.root, directory: 'migrations/app' });
  return {
    ...world,
    open,
    write,
    importing: (request = {}, options = {}) =>
      open(options).alone((work, _files, contents) => importHistory(work, contents, { drizzleTags, ...request })),
    preview: (request = {}) =>
      open().look(({ client }, contents) =>
        importPreview(
          askOf(client),
          { contents, schemas: ['public'], ledgerSchema: 'public' },
          { drizzleTags, ...request },
        ),
      ),
    ledger: async () => {
      const rows = await world.database.query<{ line: string }>(
        `select concat_ws(' ', version, name, applied_by, duration_ms || 'ms',
                  case when finished_at > now() - interval '1 hour' then 'now' else to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') end) as line
           from public.schema_migrations order by version`,
      );
      return rows.map(({ line }) => line);
    },
  };
}
