/**
 * Records everything up to a version as applied without running it, for a database that has the schema already and no history
 * of any tool. Whether it has the schema is the caller's word, or proven before by baseline-proof.ts.
 */
import { ProblemError } from '../../model/problem.ts';
import type { BaselineOutcome } from '../../model/takeover.ts';
import type { MigrationFile } from '../files.ts';
import { createLedgerSql, ledgerName } from '../ledger-table.ts';
import { fullName } from '../plan-problems.ts';
import { compareVersions, sameVersion } from '../version-order.ts';
import type { Work } from '../work.ts';
import { findHistories } from './find-histories.ts';
import type { Ask } from './history.ts';
import { refuseRows } from './import-refusals.ts';
import { type LedgerPlace, ledgerPlace } from './ledger-place.ts';
import { inLedgerTransaction } from './ledger-transaction.ts';
import { recordRowsSql } from './record-rows.ts';

export interface BaselineGround {
  readonly schemas: readonly string[];
  readonly ledgerSchema: string;
}

/** Those up to that version, in order. Errors: `migration-unknown`. */
export function filesThrough(files: readonly MigrationFile[], version: string): readonly MigrationFile[] {
  if (files.some((file) => sameVersion(file.version, version))) {
    return files.filter((file) => compareVersions(file.version, version) <= 0);
  }
  const near = files.filter((file) => compareVersions(file.version, version) < 0).at(-1);
  throw new ProblemError({
    code: 'migration-unknown',
    message: `there is no migration ${version} on disk`,
    found: files.length === 0 ? 'no migration' : `${files[0]!.version} to ${files.at(-1)!.version}`,
    expected: 'the version of the last migration whose schema this database has',
    next: `\`baseline ${(near ?? files[0])?.version ?? '<version>'}\`, if that is the one`,
  });
}

/**
 * Under the migrator's lock, in one transaction. Errors: `migration-unknown`, `ledger-not-empty`, `ledger-foreign`,
 * `history-found`.
 */
export async function baseline(work: Work, files: readonly MigrationFile[], version: string): Promise<BaselineOutcome> {
  const covered = filesThrough(files, version);
  return inLedgerTransaction(work, 'recording the baseline', async (ask) => {
    const place = await placeFor(ask, work);
    if (isRecorded(place, covered)) return outcomeOf('already-recorded', work.ledgerSchema, { files, covered });
    refuseUsed(work.ledgerSchema, place);
    if (place.kind === 'free') await ask(createLedgerSql(work.ledgerSchema));
    const rows = covered.map((file) => ({
      version: file.version,
      name: file.name,
      upChecksum: file.up.checksum,
      downChecksum: file.down?.checksum ?? null,
      appliedAt: null,
      durationMs: null,
    }));
    const appliedBy = `baseline (${work.owner.appliedBy})`;
    await ask(recordRowsSql(work.ledgerSchema, rows, { appliedBy, runId: work.owner.runId })!);
    return outcomeOf('recorded', work.ledgerSchema, { files, covered });
  });
}

/** What `baseline` would do, asked in a read-only session. Errors: the same. */
export async function baselinePreview(
  ask: Ask,
  { schemas, ledgerSchema }: BaselineGround,
  { files, version }: { readonly files: readonly MigrationFile[]; readonly version: string },
): Promise<BaselineOutcome> {
  const covered = filesThrough(files, version);
  const place = await placeFor(ask, { schemas, ledgerSchema });
  if (isRecorded(place, covered)) return outcomeOf('already-recorded', ledgerSchema, { files, covered });
  refuseUsed(ledgerSchema, place);
  return outcomeOf('would-record', ledgerSchema, { files, covered });
}

async function placeFor(ask: Ask, { schemas, ledgerSchema }: BaselineGround): Promise<LedgerPlace> {
  const [history] = await findHistories(ask, { schemas: [...schemas, ledgerSchema] });
  if (!history) return ledgerPlace(ask, ledgerSchema);
  const { format, table } = history;
  throw new ProblemError({
    code: 'history-found',
    message: `this database has a history of ${format.tool}: it says what is applied`,
    found: `${table.schema}.${table.name}`,
    expected: 'a database without any history',
    next: 'take it over with `import`; or rename that table, if it is not the history of this schema',
  });
}

function isRecorded(place: LedgerPlace, covered: readonly MigrationFile[]): boolean {
  if (place.kind !== 'ours') return false;
  const recorded = place.rows.filter(({ appliedBy }) => appliedBy.startsWith('baseline ('));
  return (
    recorded.length === covered.length &&
    covered.every((file) => recorded.some(({ version }) => sameVersion(version, file.version)))
  );
}

/** Errors: `ledger-not-empty`, `ledger-foreign`. */
function refuseUsed(schema: string, place: LedgerPlace): void {
  if (place.kind === 'ours' && place.rows.length > 0) refuseRows(schema, place.rows);
  if (place.kind !== 'foreign') return;
  throw new ProblemError({
    code: 'ledger-foreign',
    message: `${ledgerName(schema)} is not a ledger of this tool`,
    found: 'a table with columns that no known tool has',
    expected: 'no such table',
    next: 'give the ledger another schema, or rename that table',
  });
}

function outcomeOf(
  outcome: BaselineOutcome['outcome'],
  ledgerSchema: string,
  { files, covered }: { readonly files: readonly MigrationFile[]; readonly covered: readonly MigrationFile[] },
): BaselineOutcome {
  return {
    outcome,
    ledger: `${ledgerSchema}.schema_migrations`,
    recorded: covered.map(({ version, name }) => ({ version, name })),
    pending: files.slice(covered.length).map(fullName),
    proof: 'not-asked',
  };
}
