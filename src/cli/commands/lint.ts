/** `lint`: finds statements that are dangerous on a system in use, before they run. It changes nothing, and needs no database. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type MigrationFile, readMigrations } from '../../migrator/files.ts';
import { chooseVersion } from '../../migrator/version-choice.ts';
import { countFindings, type LintReport, type LintScope, type Severity } from '../../model/lint.ts';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import { lintText } from '../../report/migrator/lint-text.ts';
import type { Answer, Call, CommandSpec } from '../command.ts';
import type { DatabaseChoice } from '../database-choice.ts';

interface LintFlags {
  readonly all?: boolean;
  readonly since?: string;
  readonly server?: string;
  readonly failOn?: string;
  readonly sarif?: string | true;
}

/** The oldest that is supported: what is right there is right on the others. */
const DEFAULT_MAJOR = 14;

export const lintCommand: CommandSpec<LintFlags> = {
  name: 'lint',
  about: 'Find what would stop a system in use, with what to write instead. With a database: what is pending on it.',
  options: [
    ['--all', 'every file, as one plan on an empty database; the default where no database is named'],
    ['--since <version>', 'the files after this one, without a database; tables made up to it are in use'],
    ['--server <major>', `for this PostgreSQL where no database is asked; default: ${DEFAULT_MAJOR}`],
    ['--fail-on <severity>', 'error, or warning; default: error'],
    ['--sarif [file]', 'write SARIF 2.1.0 to this file, or print it instead of the text'],
  ],
  work: async (call, flags) => {
    const failOn = severityOf(flags.failOn ?? 'error');
    const { files, repeatables } = await readMigrations(call.set);
    const report = await reportOf(call, flags, [...files, ...repeatables]);
    const counts = countFindings(report.findings);
    const fails = counts.errors > 0 || (failOn === 'warning' && counts.warnings > 0);
    return { ...(await rendered(call, flags, report)), exitCode: fails ? 1 : 0 };
  },
};

async function reportOf(call: Call, flags: LintFlags, files: readonly MigrationFile[]): Promise<LintReport> {
  const scope = scopeOf(flags, files);
  const choice = scope ? undefined : await databaseOrNone(call);
  if (choice) return onTarget(call, choice, files);
  const [{ lintMigrations }, { filesOnlyView }] = await Promise.all([
    import('../../migrator/lint/lint-migrations.ts'),
    import('../../migrator/effects/simulation.ts'),
  ]);
  const view = filesOnlyView(majorOf(flags.server) * 10_000);
  return lintMigrations({
    migrations: files,
    scope: scope ?? { kind: 'all' },
    view,
    schemas: call.set.schemas,
    settings: call.set.runbook?.definition.lint,
    database: null,
  });
}

async function onTarget(call: Call, { url }: DatabaseChoice, files: readonly MigrationFile[]): Promise<LintReport> {
  const [{ lintTarget }, { connect }] = await Promise.all([
    import('../../migrator/lint/lint-target.ts'),
    import('../../postgres/connect.ts'),
  ]);
  const session = await connect({ url, applicationName: 'drydock:lint', purpose: 'read' });
  try {
    const { schemas, ledgerSchema, runbook } = call.set;
    const settings = runbook?.definition.lint;
    return await lintTarget(session.client, { files, schemas, ledgerSchema, settings, describe: session.describe });
  } finally {
    await session.close();
  }
}

/** Undefined: the database decides, where there is one. */
function scopeOf({ all, since }: LintFlags, files: readonly MigrationFile[]): LintScope | undefined {
  if (all && since !== undefined) throw usage('--all and --since were both given', 'one of them');
  if (since !== undefined) return { kind: 'since', version: chooseVersion(files, since).version };
  return all ? { kind: 'all' } : undefined;
}

async function databaseOrNone(call: Call): Promise<DatabaseChoice | undefined> {
  try {
    return await call.database();
  } catch (error) {
    if (isProblemError(error) && error.problem.code === 'database-url-missing') return undefined;
    throw error;
  }
}

async function rendered(call: Call, { sarif }: LintFlags, report: LintReport): Promise<Pick<Answer, 'json' | 'text'>> {
  if (sarif === undefined) return { json: report, text: lintText(report, call.palette) };
  const [{ lintSarif }, { rulesAbout }, { DRYDOCK_VERSION }] = await Promise.all([
    import('../../report/migrator/lint-sarif.ts'),
    import('../../migrator/lint/rules-about.ts'),
    import('../../migrator/version.ts'),
  ]);
  const document = lintSarif({ report, rules: rulesAbout(), toolVersion: DRYDOCK_VERSION });
  const text = JSON.stringify(document, null, 2);
  if (sarif === true) return { json: document, text };
  await writeFile(path.resolve(sarif), `${text}\n`);
  return { json: report, text: `${lintText(report, call.palette)}\nwritten to ${sarif}` };
}

function severityOf(text: string): Severity {
  if (text === 'error' || text === 'warning') return text;
  throw usage(`--fail-on ${text} is none of them`, 'error or warning');
}

function majorOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MAJOR;
  if (/^\d{2}$/.test(text)) return Number(text);
  throw usage(`--server ${text} is no major version of PostgreSQL`, 'a number such as 16');
}

function usage(message: string, expected: string): ProblemError {
  return new ProblemError({ code: 'usage', message, expected, next: 'look at `lint --help`' });
}
