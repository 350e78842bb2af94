/** Every format there is, by name, and which one a directory is in. */
import { ProblemError } from '../../model/problem.ts';
import { dbmate } from './dbmate.ts';
import { drizzle } from './drizzle.ts';
import { flyway } from './flyway.ts';
import { FORMAT_NAMES, type FormatName, type SourceFormat } from './format.ts';
import { golangMigrate } from './golang-migrate.ts';
import { goose } from './goose.ts';
import { graphileMigrate } from './graphile-migrate.ts';
import type { Listing } from './listing.ts';
import { nodePgMigrate } from './node-pg-migrate.ts';
import { numberedNames } from './numbered-files.ts';
import { prisma } from './prisma.ts';
import { sqlx } from './sqlx.ts';
import { tern } from './tern.ts';

const FORMATS: Readonly<Record<FormatName, SourceFormat>> = {
  'golang-migrate': golangMigrate,
  dbmate,
  goose,
  flyway,
  tern,
  'node-pg-migrate': nodePgMigrate,
  prisma,
  drizzle,
  'graphile-migrate': graphileMigrate,
  sqlx,
};

export function formatNamed(name: FormatName): SourceFormat {
  return FORMATS[name];
}

/** Errors: `migration-format-unknown`, `migration-format-ambiguous`. */
export function detectFormat(listing: Listing): SourceFormat {
  const [only, ...others] = Object.values(FORMATS).filter((format) => format.recognises(listing));
  if (only && others.length > 0) throw ambiguous(listing, [only, ...others]);
  if (only) return only;
  if (numberedNames(listing, /^\d+_.*\.sql$/).length > 0) return sqlx;
  throw unknown(listing);
}

function ambiguous({ shown }: Listing, fitting: readonly SourceFormat[]): ProblemError {
  return new ProblemError({
    code: 'migration-format-ambiguous',
    message: `${shown} may be of ${fitting.map(({ name }) => name).join(' or of ')}`,
    found: fitting.map(({ name, layout }) => `${name}: ${layout}`).join('\n'),
    expected: 'files of one format in one directory',
    next: 'say which one it is with --format <name>, or part the files into two directories',
  });
}

function unknown({ shown, names }: Listing): ProblemError {
  const sql = names.filter((name) => /\.sql$/i.test(name));
  return new ProblemError({
    code: 'migration-format-unknown',
    message: `${shown} holds no migrations of any format that is known`,
    found: sql.length === 0 ? 'no .sql file' : `${sql.slice(0, 5).join(', ')}${sql.length > 5 ? ' …' : ''}`,
    expected: `files as one of these has them: ${FORMAT_NAMES.join(', ')}`,
    next: `name the files NNN_name.up.sql and NNN_name.down.sql, or say where they are with --dir <path>`,
  });
}
