/**
 * What `migrate` would do, statement by statement and with what each does to the tables that are there, found out inside a
 * transaction in which the database itself refuses every write.
 */
import type pg from 'pg';
import type { DryRun, DryRunMigration } from '../model/migrator-status.ts';
import { isProblemError, type Problem } from '../model/problem.ts';
import type { FileEffects } from './effects/plan-effects.ts';
import { mergeTouched } from './effects/touched-tables.ts';
import type { MigrationFile } from './files.ts';
import { readLedger } from './ledger.ts';
import { type LockPolicy, limitsOf } from './lock-policy.ts';
import { kindOfPart } from './locks/part-kind.ts';
import { type PendingMigration, planMigrations } from './plan.ts';
import { isRepeatableVersion } from './repeatable-files.ts';
import type { SqlStatement } from './sql-statement.ts';
import { type AnalysedFile, analyseFile, type Part } from './statements.ts';
import { chooseVersion } from './version-choice.ts';
import { compareVersions } from './version-order.ts';

export type { DryRun, DryRunMigration, DryRunStatement } from '../model/migrator-status.ts';

export interface DryRunScope {
  readonly files: readonly MigrationFile[];
  readonly ledgerSchema: string;
  /** `user@host:port/database`. */
  readonly describe: string;
  readonly lockPolicy: LockPolicy;
  /** The last one to look at, as an operator names it; default: all. */
  readonly to?: string;
}

/** The client must not be in a transaction. Errors: `migration-unknown`, those of reading the ledger, the driver's own. */
export async function dryRun(
  client: pg.Client,
  { files, ledgerSchema, describe, lockPolicy, to }: DryRunScope,
): Promise<DryRun> {
  const last = to === undefined ? undefined : chooseVersion(files, to);
  return inReadOnlyTransaction(client, async () => {
    const ledger = await readLedger(client, ledgerSchema);
    const plan = planMigrations(files, ledger.rows, ledger.repeatables);
    const problems: Problem[] = [...plan.problems];
    const analysed: Analysed[] = [];
    for (const one of plan.pending) {
      if (last && compareVersions(one.version, last.version) > 0) continue;
      const up = await analyse(one, problems);
      if (up) analysed.push({ migration: one, up, statements: statementsToRun(one, up) });
    }
    const effects = await readEffects(client, analysed);
    return {
      database: describe,
      onDisk: files.length,
      withoutMirror: files.filter(({ version, down }) => down === null && !isRepeatableVersion(version)).length,
      repeatable: files.filter(({ version }) => isRepeatableVersion(version)).length,
      applied: files.length - plan.pending.length,
      pending: analysed.map((one, index) => describeMigration(one, effects[index]!)),
      limits: limitsOf(lockPolicy),
      touched: mergeTouched(effects.map(({ touched }) => touched)),
      problems,
    };
  });
}

interface Analysed {
  readonly migration: PendingMigration;
  readonly up: AnalysedFile;
  /** Those of parts that are not done yet. */
  readonly statements: readonly SqlStatement[];
}

/** Both files have to be readable as SQL: a mirror that is not would be found out when it is needed most. */
async function analyse({ file }: PendingMigration, problems: Problem[]): Promise<AnalysedFile | undefined> {
  try {
    const up = await analyseFile(file.up);
    if (file.down) await analyseFile(file.down);
    return up;
  } catch (error) {
    if (!isProblemError(error)) throw error;
    problems.push(error.problem);
    return undefined;
  }
}

function statementsToRun({ row }: PendingMigration, { parts }: AnalysedFile): readonly SqlStatement[] {
  return parts.slice(row?.partsDone ?? 0).flatMap(statementsOf);
}

/** One round trip for all files together; none where nothing is to be run. */
export async function readEffects(
  client: pg.Client,
  files: readonly Pick<Analysed, 'statements'>[],
): Promise<readonly FileEffects[]> {
  const statements = files.flatMap((one) => one.statements);
  if (statements.length === 0) return files.map(() => ({ effects: [], touched: [] }));
  const { catalogViewOf, effectsOfFiles, readCatalogFacts } = await import('./effects/on-target.ts');
  return effectsOfFiles(files, catalogViewOf(await readCatalogFacts(client, { statements })));
}

function describeMigration({ migration, up, statements }: Analysed, effects: FileEffects): DryRunMigration {
  const { file, row } = migration;
  return {
    version: file.version,
    name: file.name,
    path: file.up.path,
    downPath: file.down?.path ?? null,
    upChecksum: file.up.checksum,
    downChecksum: file.down?.checksum ?? null,
    partsDone: row?.partsDone ?? 0,
    ...describeFile(up, statements, effects),
  };
}

/** What would be sent of a file. `statements`: those that would be run, in the order of `effects`. */
export function describeFile(
  { file, transaction, parts }: Pick<AnalysedFile, 'file' | 'transaction' | 'parts'>,
  statements: readonly SqlStatement[],
  { effects, touched }: FileEffects,
): Pick<DryRunMigration, 'sql' | 'transaction' | 'parts' | 'touched'> {
  const effectsOf = new Map(statements.map((statement, index) => [statement, effects[index]!]));
  return {
    // A section of a file stands behind the line breaks that keep its place.
    sql: file.sql.replace(/^\n+/, ''),
    transaction,
    parts: parts.map((part) => ({
      kind: part.kind,
      lockPolicy: kindOfPart(part),
      statements: statementsOf(part).map((statement) => ({
        line: statement.line,
        kind: statement.kind,
        effects: effectsOf.get(statement) ?? null,
      })),
    })),
    touched,
  };
}

export function statementsOf(part: Part): readonly SqlStatement[] {
  return part.kind === 'alone' ? [part.statement] : part.statements;
}

export async function inReadOnlyTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin transaction read only');
  try {
    return await work();
  } finally {
    await client.query('rollback').catch(() => undefined);
  }
}
