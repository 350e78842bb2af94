/** The shape of a rule's cases, and how one is carried out: a migration of two files on a target that is in use. */

import { viewOf } from '../../../../src/migrator/effects/catalog-state.ts';
import type { CatalogView } from '../../../../src/migrator/effects/catalog-view.ts';
import { advance, filesOnlyView } from '../../../../src/migrator/effects/simulation.ts';
import { settled } from '../../../../src/migrator/lint/known-tables.ts';
import { lintMigrations } from '../../../../src/migrator/lint/lint-migrations.ts';
import { parseStatements } from '../../../../src/migrator/parse-statements.ts';
import type { Finding, LintReport, Severity } from '../../../../src/model/lint.ts';
import { FILLED } from './filled.ts';

export interface Case {
  readonly up: string;
  /** Default: a mirror of comments. */
  readonly down?: string;
  /** Files before it, by the same plan. Default: none. */
  readonly before?: readonly string[];
  /** Default 15. */
  readonly major?: number;
  /** Default `app`. */
  readonly schemas?: readonly string[];
  /** `files`: no database is asked. Default: a database that `FILLED` describes. */
  readonly target?: 'files';
  /** What is proposed cannot run on the tests' server: why. */
  readonly notRun?: string;
}

export interface FoundCase extends Case {
  readonly findings: readonly ExpectedFinding[];
}

export interface ExpectedFinding {
  /** `up 1:7`: which file, line and column. */
  readonly at: string;
  readonly severity: Severity;
  readonly message: string;
  readonly instead: string | null;
}

export interface SilentCase extends Case {
  readonly because: string;
}

export interface RuleCases {
  readonly found: readonly FoundCase[];
  readonly silent: readonly SilentCase[];
}

let filled: Promise<CatalogView> | undefined;

/** What `FILLED` describes, as a target has it. */
export async function filledView(major: number): Promise<CatalogView> {
  filled ??= read(FILLED);
  const { state } = await filled;
  return viewOf({ ...state, serverVersion: major * 10_000 });
}

async function read(sql: string): Promise<CatalogView> {
  const statements = await parseStatements({ path: 'filled.sql', sql, checksum: '' });
  const view = settled(statements.reduce(advance, filesOnlyView(150_000)));
  return viewOf({ ...view.state, source: 'target' });
}

export async function lintCase({ up, down, before, major = 15, schemas, target }: Case): Promise<LintReport> {
  const view = target === 'files' ? filesOnlyView(major * 10_000) : await filledView(major);
  const ups = [...(before ?? []), up];
  const migrations = ups.map((sql, index) => {
    const version = String(index + 1).padStart(3, '0');
    const mirror = index === ups.length - 1 ? down : undefined;
    return migrationOf(version, sql, mirror);
  });
  return lintMigrations({
    migrations,
    scope: { kind: 'pending' },
    view,
    schemas: schemas ?? ['app'],
    database: 'here',
  });
}

export function migrationOf(version: string, up: string, down?: string) {
  const name = 'case';
  const file = (direction: string, sql: string) => ({
    path: `m/${version}_${name}.${direction}.sql`,
    sql,
    checksum: '',
  });
  return { version, name, up: file('up', up), down: down === undefined ? null : file('down', down) };
}

export function shownFinding({ file, line, column, severity, message, instead }: Finding): ExpectedFinding {
  const direction = file.endsWith('.down.sql') ? 'down' : 'up';
  return { at: `${direction} ${line}:${column}`, severity, message, instead };
}
